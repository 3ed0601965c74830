/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets: what all families share, and what a family supplies. */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include <linux/uio.h>

#include "kern/types.h"
#include "sched/waitq.h"

/* Numbers of Linux that its exported headers do not have. */
enum {
	AF_UNSPEC = 0,
	AF_UNIX = 1,
	AF_INET = 2,
	AF_INET6 = 10,
	AF_NETLINK = 16,
	AF_MAX = 46
};
enum {
	SOCK_STREAM = 1,
	SOCK_DGRAM = 2,
	SOCK_RAW = 3,
	SOCK_RDM = 4,
	SOCK_SEQPACKET = 5,
	SOCK_PACKET = 10,
	SOCK_TYPES = 11,
	SOCK_NONBLOCK = 04000,
	SOCK_CLOEXEC = 02000000
};
enum { SHUT_RD, SHUT_WR, SHUT_RDWR };
enum {
	MSG_OOB = 1,
	MSG_PEEK = 2,
	MSG_DONTROUTE = 4,
	MSG_CTRUNC = 8,
	MSG_TRUNC = 0x20,
	MSG_DONTWAIT = 0x40,
	MSG_EOR = 0x80,
	MSG_WAITALL = 0x100,
	MSG_CONFIRM = 0x800,
	MSG_ERRQUEUE = 0x2000,
	MSG_NOSIGNAL = 0x4000,
	MSG_MORE = 0x8000,
	MSG_WAITFORONE = 0x10000,
	MSG_NOTLAST = 0x20000, /* within keel: more of the same call */
	MSG_ZEROCOPY = 0x4000000,
	MSG_FASTOPEN = 0x20000000,
	MSG_CMSG_CLOEXEC = 0x40000000
};
enum { SCM_RIGHTS = 1, SCM_CREDENTIALS = 2 };
enum { SOMAXCONN = 4096, SOCKET_CONTROL_MAX = 20480 };

/* Default and largest SO_SNDBUF, SO_RCVBUF of datagrams, as net.core. */
enum { SOCKET_BUF = 212992 };

/* An address of any family. */
struct sockaddr_storage {
	uint16_t family;
	char data[126];
} __attribute__((aligned(8)));

struct file;
struct page;
struct socket_ops;
struct socket_msg;

/* Options of SOL_SOCKET that are yes or no. */
enum {
	SOCKET_REUSEADDR = 1 << 0,
	SOCKET_REUSEPORT = 1 << 1,
	SOCKET_KEEPALIVE = 1 << 2,
	SOCKET_BROADCAST = 1 << 3,
	SOCKET_OOBINLINE = 1 << 4,
	SOCKET_PASSCRED = 1 << 5,
	SOCKET_LINGER = 1 << 6,
	SOCKET_SNDBUF_SET = 1 << 7, /* by the program: no tuning */
	SOCKET_RCVBUF_SET = 1 << 8,
	SOCKET_TIMESTAMP = 1 << 9,   /* SCM_TIMESTAMP with datagrams */
	SOCKET_TIMESTAMPNS = 1 << 10 /* with nanoseconds */
};

/* One a socket; `sk` begins the family's own. The family's create makes it,
 * release frees it. */
struct socket {
	const struct socket_ops *ops;
	struct waitq wq; /* woken when what poll says may have changed */
	uint8_t domain, type, protocol;
	bool listening;   /* SO_ACCEPTCONN */
	uint32_t options; /* SOCKET_* */
	int error;        /* SO_ERROR: positive, once; 0 none */
	int sndbuf, rcvbuf, rcvlowat;
	uint64_t rcvtimeo, sndtimeo; /* ns; NEVER: no limit */
	unsigned linger_s;           /* with SOCKET_LINGER */
	uint64_t ino;
	uint16_t published; /* the port that the launcher knows of; 0: none */
	void *sk;
	int owner; /* F_SETOWN */
};

/*
 * What a family does. Results are 0 (counts for data) or negative errno.
 * NULL members are EOPNOTSUPP. Blocking calls sleep unless `flags` has
 * MSG_DONTWAIT, which also stands for O_NONBLOCK.
 */
struct socket_ops {
	void (*release)(struct socket *s); /* gone from all descriptors */
	/* `a` has `len` bytes of the program's, the rest is zeros. */
	int (*bind)(struct socket *s, const struct sockaddr_storage *a,
		unsigned len);
	int (*connect)(struct socket *s, const struct sockaddr_storage *a,
		unsigned len, unsigned flags);
	int (*listen)(struct socket *s, int backlog); /* 0..SOMAXCONN */
	/* The next connection, into the socket `to`, which is fresh but for
	 * domain, type and protocol: sets its ops and sk. */
	int (*accept)(struct socket *s, struct socket *to, unsigned flags);
	/* Who it was accepted from, also when it has gone since; the length.
	 * NULL: getname knows. */
	int (*accepted)(struct socket *s, struct sockaddr_storage *a);
	/* Connects two fresh ones of the family (socketpair). */
	int (*pair)(struct socket *a, struct socket *b);
	/* The name; the length, or -ENOTCONN. */
	int (*getname)(struct socket *s, struct sockaddr_storage *a, bool peer);
	int (*shutdown)(struct socket *s, int how);
	long (*sendmsg)(struct socket *s, struct socket_msg *m);
	long (*recvmsg)(struct socket *s, struct socket_msg *m);
	unsigned (*poll)(struct socket *s); /* POLL*; the queue is s->wq */
	/* Levels but SOL_SOCKET, and what this family has of that level: asked
	 * first there, -ENOPROTOOPT hands over to the generic options. */
	int (*setsockopt)(
		struct socket *s, int level, int name, long uval, unsigned len);
	/* *len: room in, used out; not above the room. */
	int (*getsockopt)(struct socket *s, int level, int name, long uval,
		unsigned *len);
	long (*ioctl)(struct socket *s, unsigned cmd, unsigned long arg);
	/* Called after a generic option of SOL_SOCKET was changed (SO_*), may
	 * refuse. NULL: nothing to do. */
	int (*changed)(struct socket *s, int name);
	/* Part of a page that stays as it is; takes references of its own.
	 * NULL: sendfile copies. MSG_NOTLAST: need not go out yet. */
	long (*sendpage)(struct socket *s, struct page *p, unsigned offset,
		size_t n, unsigned flags);
};

/* Families: set ops and sk; -EPROTONOSUPPORT, -ESOCKTNOSUPPORT, -ENOMEM. */
int socket_inet_create(struct socket *s, int type, int protocol);
int socket_unix_create(struct socket *s, int type, int protocol);
int socket_netlink_create(struct socket *s, int type, int protocol);

/* A message on its way: data of the program, address, control, flags. */
struct socket_msg {
	unsigned flags;     /* MSG_* of the call */
	unsigned out_flags; /* recvmsg: MSG_TRUNC, MSG_EOR, ... */
	/* Where the data is: `left` bytes from `skip` of *v on. */
	const struct iovec *v;
	size_t skip, left;
	/* send: from the program, 0: none. recv: filled in by the family. */
	unsigned name_len;
	/* send: keel's copy of all of the control data. */
	char *control;
	size_t control_len;
	/* recv: the program's room for control data, and what is used. */
	uint64_t ucontrol;
	size_t ucontrol_len, ucontrol_used;
	struct sockaddr_storage name;
	struct iovec one; /* for calls with a single buffer */
};

/* The next n <= left bytes of the program's data; -EFAULT: nothing, or less,
 * was copied, and the message stands as before. These may sleep. */
int msg_copy_from(struct socket_msg *m, void *dst, size_t n);
int msg_copy_to(struct socket_msg *m, const void *src, size_t n);
/* Without moving on; `skip` more bytes first. */
int msg_peek_from(const struct socket_msg *m, size_t skip, void *dst, size_t n);
void msg_advance(struct socket_msg *m, size_t n);
/* One buffer of the program's, n cut to what a call may move. */
void msg_single(struct socket_msg *m, uint64_t buf, size_t n, unsigned flags);

/* Walks the control data of a message to send: the next after `at` (NULL: the
 * first), NULL at the end. -EINVAL through *err if it is malformed. */
struct cmsghdr *msg_control_next(
	const struct socket_msg *m, struct cmsghdr *at, int *err);
#define CMSG_HEADER sizeof(struct cmsghdr)
struct cmsghdr {
	uint64_t len; /* with this header */
	int level, type;
};
static inline void *cmsg_data(struct cmsghdr *c)
{
	return c + 1;
}
/* Gives control data to the receiver; what does not fit is cut, MSG_CTRUNC. */
int msg_put_control(struct socket_msg *m, int level, int type, const void *data,
	size_t len);

/* A fresh socket without family, and its file; NULL: no memory. The file
 * owns the socket. */
struct file *socket_file_new(
	int domain, int type, int protocol, unsigned flags, struct socket **s);
/* The socket of an open file, or NULL if it is something else. */
struct socket *socket_of(struct file *f);
/* From the descriptor, the file with a reference; -EBADF, -ENOTSOCK. */
int socket_get(int fd, struct file **f, struct socket **s);

/* SO_ERROR, taken: negative or 0. */
int socket_take_error(struct socket *s);
/* Deadline of a call: 0 for MSG_DONTWAIT, else by timeout_ns. */
uint64_t socket_deadline(unsigned flags, uint64_t timeout_ns);
/* SIGPIPE for the caller unless MSG_NOSIGNAL; -EPIPE. */
int socket_broken(unsigned flags);

/*
 * Sleeps until cond; -EAGAIN at the deadline (0: at once), -ERESTARTSYS, or
 * with a deadline -EINTR, since the time that has passed would be lost. `cond`
 * is tried first without a queue entry.
 */
#define socket_wait(s, deadline, cond) socket_wait_for(s, 0, deadline, cond)
/* The same, woken only for these events (sched/waitq.h). */
#define socket_wait_for(s, events, deadline, cond)                            \
	({                                                                    \
		int sw_ret_ = 0;                                              \
		uint64_t sw_end_ = (deadline);                                \
		if (!(cond))                                                  \
			sw_ret_ = !sw_end_ ? -EAGAIN                          \
					   : wait_event_for(&(s)->wq, events, \
						     sw_end_, cond);          \
		socket_wait_end(sw_ret_, sw_end_);                            \
	})

/* How a call ends after wait_event: see socket_wait. */
int socket_wait_end(int err, uint64_t deadline);

/* Options of SOL_SOCKET that need no family, net/socket_options.c. */
int socket_set_option(struct socket *s, int name, long uval, unsigned len);
int socket_get_option(struct socket *s, int name, long uval, unsigned *len);
/* For families: an int of the program's; -EINVAL, -EFAULT. */
int option_get_int(long uval, unsigned len, int *value);
/* For getsockopt: at most *len bytes out, *len is then what was. */
int option_put(long uval, unsigned *len, const void *value, size_t n);
int option_put_int(long uval, unsigned *len, int value);

#endif

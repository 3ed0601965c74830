/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of AF_UNIX, for the parts of net/unix*.c only: unix(7). */
#ifndef NET_UNIX_H
#define NET_UNIX_H

#include "net/socket.h"

struct inode;
struct unix_name;
struct unix_rights;

/*
 * All of it is changed only where nothing sleeps, so that other threads see
 * it whole. What the program's memory is touched for is copied before or
 * after; one reader at a time has read_lock over that.
 */
struct unix_sock {
	unsigned count;   /* references; the socket has one */
	struct socket *s; /* NULL: not accepted yet, or closed */
	uint8_t type;     /* SOCK_* */
	uint8_t state;    /* UNIX_* */
	uint8_t down;     /* UNIX_NO_* */
	bool closed;
	int error; /* while there is no s */

	struct unix_name *name;              /* NULL: none */
	struct inode *inode;                 /* of a path, with a reference */
	struct unix_sock *hash_next, **hash; /* NULL: not to be found */

	/* Connections: the other side, with a reference. Of datagrams: where
	 * they go, and who sends here. */
	struct unix_sock *peer;
	struct unix_sock *senders, *sender_next, **sender_link;

	/* What has come */
	struct unix_buf *first, *last;
	unsigned nqueued;
	size_t queued; /* bytes */
	struct mutex read_lock;
	struct waitq room; /* of those who wait to send or connect here */

	size_t sent; /* memory of what is on its way from here */

	/* A listener's connections that are not accepted yet. */
	struct unix_sock *pending, *pending_last, *pending_next;
	unsigned npending, backlog;

	/* Under way as a message's file: net/unix_rights.c */
	struct file *file;
	unsigned inflight, refs;
	uint8_t mark;
	struct unix_sock *fly_next, **fly_link, *stack;
};

enum { UNIX_CLOSED, UNIX_LISTENING, UNIX_CONNECTED };
enum { UNIX_NO_READ = 1, UNIX_NO_WRITE = 2, UNIX_NO_BOTH = 3 };

/* Data on its way. A message is a chain of these by `more`. */
struct unix_buf {
	struct unix_buf *next; /* message of the queue */
	struct unix_buf *more;
	struct unix_sock *from;     /* a reference; pays for the memory */
	struct unix_rights *rights; /* NULL: no files */
	size_t total;               /* of the message, in its first */
	uint32_t start, end, room;  /* of data */
	char data[];
};

/* net/unix.c */
void unix_get(struct unix_sock *u);
void unix_put(struct unix_sock *u); /* accepts NULL */
struct unix_sock *unix_new(int type);
void unix_wake(struct unix_sock *u, uint32_t events);
/* Datagrams: the peer is gone or changes; with a reference or NULL. */
void unix_set_peer(struct unix_sock *u, struct unix_sock *peer);
/* The same with what belongs to it: what came from the old one is lost, and
 * that one told, if it was connected here. May sleep. */
void unix_reconnect(struct unix_sock *u, struct unix_sock *peer);
/* Whether datagrams of u have to wait for the queue of `to`. */
bool unix_has_room(const struct unix_sock *u);
bool unix_is_full(const struct unix_sock *u, const struct unix_sock *to);
bool unix_is_writable(const struct unix_sock *u);
/* A message has left the queue, or none is taken any more. */
void unix_wake_senders(struct unix_sock *u, bool had_room);

/* net/unix_name.c */
struct unix_name {
	unsigned count;
	unsigned len; /* of the address, with the family */
	struct sockaddr_storage a;
};
void unix_name_put(struct unix_name *n); /* accepts NULL */
int unix_check_name(const struct sockaddr_storage *a, unsigned len);
int unix_bind(
	struct unix_sock *u, const struct sockaddr_storage *a, unsigned len);
int unix_autobind(struct unix_sock *u); /* 0 if it has a name */
void unix_unbind(struct unix_sock *u);
/* Who has that name, with a reference; NULL with -ECONNREFUSED,
 * -EPROTOTYPE, ... */
int unix_find(const struct sockaddr_storage *a, unsigned len, int type,
	struct unix_sock **out);

/* net/unix_state.c: of struct socket_ops */
int unix_getname(struct socket *s, struct sockaddr_storage *a, bool peer);
unsigned unix_poll(struct socket *s);
long unix_ioctl(struct socket *s, unsigned cmd, unsigned long arg);
int unix_getsockopt(
	struct socket *s, int level, int name, long uval, unsigned *len);
int unix_setsockopt(
	struct socket *s, int level, int name, long uval, unsigned len);

/* net/unix_buf.c */
/* For at most n bytes of data from u, maybe less; NULL: no memory. */
struct unix_buf *unix_buf_new(struct unix_sock *u, size_t n);
void unix_buf_free(struct unix_buf *b); /* with all that hangs on it */
void unix_enqueue(struct unix_sock *to, struct unix_buf *b);
/* The first message leaves the queue. */
struct unix_buf *unix_take(struct unix_sock *u);
/* Room in the sender's own limit. */
bool unix_may_send(const struct socket *s);
/* What a message tells beside its data; unix_tell takes the files. */
int unix_tell(struct socket *s, struct socket_msg *m, struct unix_buf *b);
void unix_tell_name(struct socket_msg *m, const struct unix_buf *b);
/* With read_lock, which is given back meanwhile: waits for a message. 0, or
 * why there is none; 1 is the end. */
long unix_await(struct socket *s, uint64_t deadline);

/* net/unix_stream.c, net/unix_packet.c */
long unix_stream_send(struct socket *s, struct socket_msg *m);
long unix_stream_recv(struct socket *s, struct socket_msg *m);
long unix_packet_send(struct socket *s, struct socket_msg *m);
long unix_packet_recv(struct socket *s, struct socket_msg *m);

/* net/unix_rights.c */
/* Files and credentials of a message to send; NULL if there are none. */
int unix_rights_parse(const struct socket_msg *m, struct unix_rights **out);
/* They are on their way with a message, until they are freed or given. */
void unix_rights_send(struct unix_rights *r);
/* Descriptors for the receiver: takes over `r`, but for MSG_PEEK. */
int unix_rights_give(struct socket_msg *m, struct unix_rights *r);
void unix_rights_free(struct unix_rights *r); /* accepts NULL; sent ones */
void unix_rights_drop(struct unix_rights *r); /* ones never sent */
/* Frees sockets that only wait in each other's queues. */
void unix_collect(void);
int unix_put_credentials(struct socket_msg *m);

#endif

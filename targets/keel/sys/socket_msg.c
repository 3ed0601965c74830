/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that send and receive messages. */
#include <asm/errno.h>
#include <linux/fcntl.h>

#include "fs/file.h"
#include "kern/string.h"
#include "kern/time.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"
#include "net/socket.h"
#include "net/socket_vec.h"
#include "sys/proto.h"
#include "sys/socket.h"
#include "sys/time.h"

/* struct msghdr, struct mmsghdr of the program. */
struct user_msghdr {
	uint64_t name;
	int name_len;
	uint64_t iov, niov;
	uint64_t control, control_len;
	unsigned flags;
};
struct user_mmsghdr {
	struct user_msghdr hdr;
	unsigned len;
};

static unsigned call_flags(const struct file *f, long flags)
{
	return (unsigned)flags | (f->flags & O_NONBLOCK ? MSG_DONTWAIT : 0);
}

static long send_msg(struct socket *s, struct socket_msg *m)
{
	return s->ops->sendmsg ? s->ops->sendmsg(s, m) : -EOPNOTSUPP;
}

long do_sendto(
	long fd, long ubuf, long n, long flags, long uaddr, long addr_len)
{
	struct socket_msg m;
	struct socket *s;
	struct file *f;
	long r = socket_get((int)fd, &f, &s);

	if (r)
		return r;
	msg_single(&m, ubuf, n, call_flags(f, flags));
	m.control = NULL;
	m.control_len = 0;
	m.name_len = 0;
	if (uaddr) {
		r = sockaddr_get(&m.name, uaddr, addr_len);
		m.name_len = (unsigned)addr_len;
	}
	if (!r)
		r = send_msg(s, &m);
	file_put(f);
	return r;
}

static long recv_msg(struct socket *s, struct socket_msg *m)
{
	m->name_len = 0;
	m->out_flags = 0;
	m->ucontrol_used = 0;
	return s->ops->recvmsg ? s->ops->recvmsg(s, m) : -EOPNOTSUPP;
}

long do_recvfrom(long fd, long ubuf, long n, long flags, long uaddr, long ulen)
{
	struct socket_msg m;
	struct socket *s;
	struct file *f;
	long r = socket_get((int)fd, &f, &s);

	if (r)
		return r;
	msg_single(&m, ubuf, n, call_flags(f, flags));
	m.ucontrol_len = 0;
	r = recv_msg(s, &m);
	if (r >= 0 && uaddr) {
		int err = sockaddr_put(&m.name, (int)m.name_len, uaddr, ulen);

		r = err ? err : r;
	}
	file_put(f);
	return r;
}

/* The program's header; its buffers, also where vec_free must follow. */
static int get_header(struct user_msghdr *h, const void *umsg,
	struct user_vec *vec, struct socket_msg *m)
{
	if (copy_from_user(h, umsg, sizeof(*h)))
		return -EFAULT;
	if (!h->name)
		h->name_len = 0;
	if (h->name_len < 0)
		return -EINVAL;
	if (h->niov > UIO_MAXIOV)
		return -EMSGSIZE;
	return vec_import(vec, m, h->iov, h->niov);
}

static int get_control(struct socket_msg *m, const struct user_msghdr *h)
{
	m->control = NULL;
	m->control_len = 0;
	if (!h->control_len)
		return 0;
	if (h->control_len > SOCKET_CONTROL_MAX)
		return -ENOBUFS;
	m->control = kmalloc(h->control_len);
	if (!m->control)
		return -ENOBUFS;
	m->control_len = h->control_len;
	if (!copy_from_user(
		    m->control, (const void *)h->control, h->control_len))
		return 0;
	kfree(m->control);
	return -EFAULT;
}

static long send_one(struct socket *s, const void *umsg, unsigned flags)
{
	struct user_msghdr h;
	struct user_vec vec;
	struct socket_msg m;
	long r = get_header(&h, umsg, &vec, &m);

	if (r)
		return r;
	m.flags = flags;
	m.name_len = MIN((unsigned)h.name_len, (unsigned)sizeof(m.name));
	if (m.name_len)
		r = sockaddr_get(&m.name, h.name, m.name_len);
	if (!r)
		r = get_control(&m, &h);
	if (!r) {
		r = send_msg(s, &m);
		kfree(m.control);
	}
	vec_free(&vec);
	return r;
}

long do_sendmsg(long fd, long umsg, long flags)
{
	struct socket *s;
	struct file *f;
	long r = socket_get((int)fd, &f, &s);

	if (r)
		return r;
	r = send_one(s, (const void *)umsg, call_flags(f, flags));
	file_put(f);
	return r;
}

long do_sendmmsg(long fd, long uvec, long n, long flags)
{
	struct user_mmsghdr *u = (struct user_mmsghdr *)uvec;
	struct socket *s;
	struct file *f;
	unsigned done = 0;
	long r = socket_get((int)fd, &f, &s);

	if (r)
		return r;
	for (; done < MIN((unsigned)n, UIO_MAXIOV); done++) {
		unsigned len;

		r = send_one(s, &u[done].hdr, call_flags(f, flags));
		if (r < 0)
			break;
		len = (unsigned)r;
		r = copy_to_user(&u[done].len, &len, sizeof(len));
		if (r)
			break;
	}
	file_put(f);
	return done ? (long)done : r;
}

/* What the family answered goes back into the program's header. */
static int put_header(
	const struct socket_msg *m, const struct user_msghdr *h, char *umsg)
{
	unsigned flags = m->out_flags | (m->flags & MSG_CMSG_CLOEXEC);
	int err = 0;

	if (h->name)
		err = sockaddr_put(&m->name, (int)m->name_len, h->name,
			(long)umsg + offsetof(struct user_msghdr, name_len));
	if (!err)
		err = copy_to_user(umsg + offsetof(struct user_msghdr, flags),
			&flags, sizeof(flags));
	if (!err)
		err = copy_to_user(
			umsg + offsetof(struct user_msghdr, control_len),
			&m->ucontrol_used, sizeof(m->ucontrol_used));
	return err;
}

static long recv_one(struct socket *s, char *umsg, unsigned flags)
{
	struct user_msghdr h;
	struct user_vec vec;
	struct socket_msg m;
	long r = get_header(&h, umsg, &vec, &m);

	if (r)
		return r;
	m.flags = flags;
	m.ucontrol = h.control;
	m.ucontrol_len = h.control ? h.control_len : 0;
	r = recv_msg(s, &m);
	if (r >= 0) {
		int err = put_header(&m, &h, umsg);

		r = err ? err : r;
	}
	vec_free(&vec);
	return r;
}

long do_recvmsg(long fd, long umsg, long flags)
{
	struct socket *s;
	struct file *f;
	long r = socket_get((int)fd, &f, &s);

	if (r)
		return r;
	r = recv_one(s, (char *)umsg, call_flags(f, flags));
	file_put(f);
	return r;
}

/* The time limit is looked at after each message, as on Linux. */
static long recv_many(struct socket *s, struct user_mmsghdr *u, unsigned n,
	unsigned flags, uint64_t deadline)
{
	unsigned done = 0;
	long r = socket_take_error(s);

	if (r)
		return r;
	while (done < n) {
		unsigned len;

		r = recv_one(s, (char *)&u[done].hdr,
			flags & ~(unsigned)MSG_WAITFORONE);
		if (r < 0)
			break;
		len = (unsigned)r;
		r = copy_to_user(&u[done].len, &len, sizeof(len));
		if (r)
			break;
		done++;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		if (deadline != NEVER && clock_now() >= deadline)
			break;
	}
	/* The next call shall tell of an error that ended this one. */
	if (done && r < 0 && r != -EAGAIN)
		s->error = (int)-r;
	return done ? (long)done : r;
}

long do_recvmmsg(long fd, long uvec, long n, long flags, long utime)
{
	uint64_t limit = 0, start = 0, deadline = NEVER, now;
	struct socket *s;
	struct file *f;
	long r;

	if (utime) {
		r = get_timespec(utime, &limit);
		if (r)
			return r;
		start = clock_now();
		deadline = time_add(start, limit);
	}
	r = socket_get((int)fd, &f, &s);
	if (r)
		return r;
	r = recv_many(s, (struct user_mmsghdr *)uvec,
		MIN((unsigned)n, UIO_MAXIOV), call_flags(f, flags), deadline);
	file_put(f);
	if (!utime || r <= 0)
		return r;
	now = clock_now();
	return put_timespec(utime, deadline > now ? deadline - now : 0)
		       ? -EFAULT
		       : r;
}

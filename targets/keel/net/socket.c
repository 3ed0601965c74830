/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets as open files: read, write, poll, ioctl, fstat, release. */
#include "net/socket.h"

#include <asm/errno.h>
#include <asm/fcntl.h>
#include <asm/ioctls.h>
#include <asm/sockios.h>
#include <linux/stat.h>

#include "fs/file.h"
#include "fs/kstat.h"
#include "kern/signal.h"
#include "kern/string.h"
#include "kern/time.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"
#include "net/publish.h"
#include "net/socket_vec.h"

#include <linux/signal.h>

static unsigned flags_of(const struct file *f)
{
	return f->flags & O_NONBLOCK ? MSG_DONTWAIT : 0;
}

static long socket_send(struct socket *s, struct socket_msg *m)
{
	m->name_len = 0;
	m->control = NULL;
	m->control_len = 0;
	if (!s->ops->sendmsg)
		return -EOPNOTSUPP;
	return s->ops->sendmsg(s, m);
}

static long socket_recv(struct socket *s, struct socket_msg *m)
{
	m->name_len = 0;
	m->out_flags = 0;
	m->ucontrol_len = m->ucontrol_used = 0;
	if (!s->ops->recvmsg)
		return -EOPNOTSUPP;
	return s->ops->recvmsg(s, m);
}

static long socket_read(struct file *f, void *ubuf, size_t n, uint64_t *pos)
{
	struct socket_msg m;

	(void)pos;
	if (!n)
		return 0;
	msg_single(&m, (uint64_t)ubuf, n, flags_of(f));
	return socket_recv(f->priv, &m);
}

static long socket_write(
	struct file *f, const void *ubuf, size_t n, uint64_t *pos)
{
	struct socket *s = f->priv;
	struct socket_msg m;

	(void)pos;
	msg_single(&m, (uint64_t)ubuf, n,
		flags_of(f) | (s->type == SOCK_SEQPACKET ? MSG_EOR : 0));
	return socket_send(s, &m);
}

static long socket_vector(struct file *f, bool write, uint64_t uvec, long nvec)
{
	struct socket *s = f->priv;
	struct user_vec vec;
	struct socket_msg m;
	long r;

	if ((uint64_t)nvec > UIO_MAXIOV)
		return -EINVAL;
	r = vec_import(&vec, &m, uvec, nvec);
	if (r)
		return r;
	m.flags = flags_of(f);
	if (write) {
		m.flags |= s->type == SOCK_SEQPACKET ? MSG_EOR : 0;
		r = socket_send(s, &m);
	} else if (m.left) {
		r = socket_recv(s, &m);
	}
	vec_free(&vec);
	return r;
}

static long socket_send_page(
	struct file *f, struct page *p, unsigned offset, size_t n, bool more)
{
	unsigned flags = flags_of(f) | (more ? MSG_NOTLAST : 0);
	struct socket *s = f->priv;

	if (!s->ops->sendpage)
		return -EOPNOTSUPP;
	return s->ops->sendpage(s, p, offset, n, flags);
}

static unsigned socket_poll(struct file *f, struct waitq **q)
{
	struct socket *s = f->priv;

	*q = &s->wq;
	return s->ops->poll(s);
}

/* Signals on events are not sent: only the owner can be set and asked. */
static long socket_ioctl(struct file *f, unsigned long cmd, unsigned long arg)
{
	struct socket *s = f->priv;
	long r = -ENOTTY;

	switch (cmd) {
	case SIOCGPGRP:
	case FIOGETOWN:
		return copy_to_user((void *)arg, &s->owner, sizeof(int));
	case SIOCSPGRP:
	case FIOSETOWN:
		return copy_from_user(&s->owner, (void *)arg, sizeof(int));
	}
	if (s->ops->ioctl)
		r = s->ops->ioctl(s, (unsigned)cmd, arg);
	return r;
}

static long socket_fcntl(struct file *f, int cmd, long arg)
{
	struct socket *s = f->priv;

	switch (cmd) {
	case F_SETOWN:
		s->owner = (int)arg;
		return 0;
	case F_GETOWN:
		return s->owner;
	}
	return -EINVAL;
}

static int socket_stat(struct file *f, struct kstat *st)
{
	const struct socket *s = f->priv;

	*st = (struct kstat){.dev = 0x8,
		.ino = s->ino,
		.nlink = 1,
		.mode = S_IFSOCK | 0777,
		.blksize = 4096};
	return 0;
}

static void socket_release(struct file *f)
{
	struct socket *s = f->priv;

	socket_unpublish(s);
	if (s->ops && s->ops->release)
		s->ops->release(s);
	kfree(s);
}

static const struct file_ops socket_file_ops = {.read = socket_read,
	.write = socket_write,
	.vector = socket_vector,
	.send_page = socket_send_page,
	.ioctl = socket_ioctl,
	.poll = socket_poll,
	.release = socket_release,
	.stat = socket_stat,
	.fcntl = socket_fcntl};

struct file *socket_file_new(
	int domain, int type, int protocol, unsigned flags, struct socket **out)
{
	static uint64_t next_ino = 1024;
	struct socket *s = kzalloc(sizeof(*s));
	struct file *f = file_new(&socket_file_ops,
		O_RDWR | (flags & SOCK_NONBLOCK ? O_NONBLOCK : 0));

	if (!s || !f) {
		kfree(s);
		kfree(f);
		return NULL;
	}
	s->domain = (uint8_t)domain;
	s->type = (uint8_t)type;
	s->protocol = (uint8_t)protocol;
	s->sndbuf = s->rcvbuf = SOCKET_BUF;
	s->rcvlowat = 1;
	s->rcvtimeo = s->sndtimeo = NEVER;
	s->ino = next_ino++;
	f->priv = s;
	*out = s;
	return f;
}

struct socket *socket_of(struct file *f)
{
	return f->ops == &socket_file_ops ? f->priv : NULL;
}

int socket_get(int fd, struct file **f, struct socket **s)
{
	int err;

	*f = fd_get(fd);
	if (!*f)
		return -EBADF;
	*s = socket_of(*f);
	if (*s)
		return 0;
	err = (*f)->flags & O_PATH ? -EBADF : -ENOTSOCK;
	file_put(*f);
	return err;
}

int socket_take_error(struct socket *s)
{
	int e = s->error;

	s->error = 0;
	return -e;
}

uint64_t socket_deadline(unsigned flags, uint64_t timeout_ns)
{
	uint64_t now;

	if (flags & MSG_DONTWAIT)
		return 0;
	if (timeout_ns == NEVER)
		return NEVER;
	now = clock_now();
	return timeout_ns < NEVER - now ? now + timeout_ns : NEVER;
}

int socket_wait_end(int err, uint64_t deadline)
{
	if (err == -ETIMEDOUT)
		return -EAGAIN;
	return err == -ERESTARTSYS && deadline != NEVER ? -EINTR : err;
}

int socket_broken(unsigned flags)
{
	if (!(flags & MSG_NOSIGNAL))
		signal_send_self(SIGPIPE);
	return -EPIPE;
}

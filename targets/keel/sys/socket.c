/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that make, name, connect and end sockets; their options. */
#include "net/socket.h"

#include <asm/errno.h>
#include <asm/socket.h>
#include <linux/fcntl.h>

#include "fs/file.h"
#include "kern/string.h"
#include "mm/uaccess.h"
#include "net/publish.h"
#include "sys/proto.h"
#include "sys/socket.h"

typedef int create_fn(struct socket *s, int type, int protocol);

static create_fn *family(int domain)
{
	switch (domain) {
	case AF_UNIX:
		return socket_unix_create;
	case AF_INET:
	case AF_INET6:
		return socket_inet_create;
	case AF_NETLINK:
		return socket_netlink_create;
	}
	return NULL;
}

/* A fresh socket of its family; the type with SOCK_NONBLOCK, SOCK_CLOEXEC. */
static int make(long domain, long type, long protocol, struct file **f,
	struct socket **s)
{
	unsigned flags = (unsigned)type & ~15U;
	unsigned kind = (unsigned)type & 15U;
	create_fn *create;
	int err;

	if (flags & ~(unsigned)(SOCK_NONBLOCK | SOCK_CLOEXEC))
		return -EINVAL;
	if ((int)domain < 0 || (int)domain >= AF_MAX)
		return -EAFNOSUPPORT;
	if (kind >= SOCK_TYPES)
		return -EINVAL;
	create = family((int)domain);
	if (!create)
		return -EAFNOSUPPORT;
	*f = socket_file_new((int)domain, (int)kind, (int)protocol, flags, s);
	if (!*f)
		return -ENOMEM;
	err = create(*s, (int)kind, (int)protocol);
	if (err)
		file_put(*f);
	return err;
}

long do_socket(long domain, long type, long protocol)
{
	struct socket *s;
	struct file *f;
	int err = make(domain, type, protocol, &f, &s);

	if (err)
		return err;
	err = fd_install(f, 0, type & SOCK_CLOEXEC);
	if (err < 0)
		file_put(f);
	return err;
}

static int make_pair(long domain, long type, long protocol, struct file *f[2])
{
	struct socket *a, *b;
	int err = make(domain, type, protocol, &f[0], &a);

	if (err)
		return err;
	err = make(domain, type, protocol, &f[1], &b);
	if (err) {
		file_put(f[0]);
		return err;
	}
	err = a->ops->pair ? a->ops->pair(a, b) : -EOPNOTSUPP;
	if (err) {
		file_put(f[0]);
		file_put(f[1]);
	}
	return err;
}

long do_socketpair(long domain, long type, long protocol, long ufds)
{
	struct file *f[2];
	int fd[2], err = make_pair(domain, type, protocol, f);

	if (err)
		return err;
	fd[0] = fd_install(f[0], 0, type & SOCK_CLOEXEC);
	if (fd[0] < 0) {
		file_put(f[0]);
		file_put(f[1]);
		return fd[0];
	}
	fd[1] = fd_install(f[1], 0, type & SOCK_CLOEXEC);
	if (fd[1] < 0) {
		fd_close(fd[0]);
		file_put(f[1]);
		return fd[1];
	}
	if (!copy_to_user((void *)ufds, fd, sizeof(fd)))
		return 0;
	fd_close(fd[0]);
	fd_close(fd[1]);
	return -EFAULT;
}

int sockaddr_get(struct sockaddr_storage *a, long uaddr, long len)
{
	if ((uint32_t)len > sizeof(*a))
		return -EINVAL;
	memset(a, 0, sizeof(*a));
	return copy_from_user(a, (const void *)uaddr, (uint32_t)len);
}

int sockaddr_put(
	const struct sockaddr_storage *a, int len, long uaddr, long ulen)
{
	int room;

	if (copy_from_user(&room, (const void *)ulen, sizeof(room)))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (copy_to_user((void *)uaddr, a, (size_t)MIN(room, len)))
		return -EFAULT;
	return copy_to_user((void *)ulen, &len, sizeof(len));
}

long do_bind(long fd, long uaddr, long len)
{
	struct sockaddr_storage a;
	struct socket *s;
	struct file *f;
	int err = socket_get((int)fd, &f, &s);

	if (err)
		return err;
	err = sockaddr_get(&a, uaddr, len);
	if (!err)
		err = s->ops->bind ? s->ops->bind(s, &a, (unsigned)len)
				   : -EOPNOTSUPP;
	/* A port of its own choice is a server's. */
	if (!err && s->type == SOCK_DGRAM && (a.data[0] || a.data[1]))
		socket_publish(s);
	file_put(f);
	return err;
}

long do_connect(long fd, long uaddr, long len)
{
	struct sockaddr_storage a;
	struct socket *s;
	struct file *f;
	int err = socket_get((int)fd, &f, &s);

	if (err)
		return err;
	err = sockaddr_get(&a, uaddr, len);
	if (!err && !s->ops->connect)
		err = -EOPNOTSUPP;
	if (!err)
		err = s->ops->connect(s, &a, (unsigned)len,
			f->flags & O_NONBLOCK ? MSG_DONTWAIT : 0);
	file_put(f);
	return err;
}

long do_listen(long fd, long backlog)
{
	struct socket *s;
	struct file *f;
	int err = socket_get((int)fd, &f, &s);

	if (err)
		return err;
	backlog = MIN((unsigned)backlog, (unsigned)SOMAXCONN);
	err = s->ops->listen ? s->ops->listen(s, (int)backlog) : -EOPNOTSUPP;
	if (!err)
		socket_publish(s);
	file_put(f);
	return err;
}

/* The connection and its descriptor; the peer's name if it is asked for. */
static long accept_from(
	struct socket *s, unsigned wait, long uaddr, long ulen, unsigned flags)
{
	struct sockaddr_storage a;
	struct socket *to;
	struct file *f;
	int r = fd_room();

	if (r)
		return r;
	if (!s->ops->accept)
		return -EOPNOTSUPP;
	f = socket_file_new(s->domain, s->type, s->protocol, flags, &to);
	if (!f)
		return -ENOMEM;
	r = s->ops->accept(s, to, wait);
	if (!r && uaddr) {
		r = to->ops->accepted ? to->ops->accepted(to, &a)
				      : to->ops->getname(to, &a, true);
		r = r < 0 ? -ECONNABORTED : sockaddr_put(&a, r, uaddr, ulen);
	}
	if (!r)
		r = fd_install(f, 0, flags & SOCK_CLOEXEC);
	if (r < 0)
		file_put(f);
	return r;
}

long do_accept4(long fd, long uaddr, long ulen, long flags)
{
	struct socket *s;
	struct file *f;
	long r;

	if ((unsigned)flags & ~(unsigned)(SOCK_NONBLOCK | SOCK_CLOEXEC))
		return -EINVAL;
	r = socket_get((int)fd, &f, &s);
	if (r)
		return r;
	r = accept_from(s, f->flags & O_NONBLOCK ? MSG_DONTWAIT : 0, uaddr,
		ulen, (unsigned)flags);
	file_put(f);
	return r;
}

long do_accept(long fd, long uaddr, long ulen)
{
	return do_accept4(fd, uaddr, ulen, 0);
}

static long name_of(long fd, long uaddr, long ulen, bool peer)
{
	struct sockaddr_storage a;
	struct socket *s;
	struct file *f;
	int r = socket_get((int)fd, &f, &s);

	if (r)
		return r;
	r = s->ops->getname ? s->ops->getname(s, &a, peer) : -EOPNOTSUPP;
	if (r >= 0)
		r = sockaddr_put(&a, r, uaddr, ulen);
	file_put(f);
	return r;
}

long do_getsockname(long fd, long uaddr, long ulen)
{
	return name_of(fd, uaddr, ulen, false);
}

long do_getpeername(long fd, long uaddr, long ulen)
{
	return name_of(fd, uaddr, ulen, true);
}

long do_shutdown(long fd, long how)
{
	struct socket *s;
	struct file *f;
	int err = socket_get((int)fd, &f, &s);

	if (err)
		return err;
	if ((unsigned)how > SHUT_RDWR)
		err = -EINVAL;
	else
		err = s->ops->shutdown ? s->ops->shutdown(s, (int)how)
				       : -EOPNOTSUPP;
	if (!err && how != SHUT_WR && s->type == SOCK_STREAM)
		socket_unpublish(s);
	file_put(f);
	return err;
}

long do_setsockopt(long fd, long level, long name, long uval, long len)
{
	struct socket *s;
	struct file *f;
	int err = socket_get((int)fd, &f, &s);

	if (err)
		return err;
	if ((int)len < 0)
		err = -EINVAL;
	else if (s->ops->setsockopt)
		err = s->ops->setsockopt(
			s, (int)level, (int)name, uval, (unsigned)len);
	else
		err = (int)level == SOL_SOCKET ? -ENOPROTOOPT : -EOPNOTSUPP;
	if (err == -ENOPROTOOPT && (int)level == SOL_SOCKET)
		err = socket_set_option(s, (int)name, uval, (unsigned)len);
	file_put(f);
	return err;
}

static int option_of(
	struct socket *s, int level, int name, long uval, unsigned *len)
{
	int err = level == SOL_SOCKET ? -ENOPROTOOPT : -EOPNOTSUPP;

	if (s->ops->getsockopt)
		err = s->ops->getsockopt(s, level, name, uval, len);
	if (err == -ENOPROTOOPT && level == SOL_SOCKET)
		err = socket_get_option(s, name, uval, len);
	return err;
}

long do_getsockopt(long fd, long level, long name, long uval, long ulen)
{
	struct socket *s;
	struct file *f;
	unsigned len;
	int err = socket_get((int)fd, &f, &s);

	if (err)
		return err;
	if (copy_from_user(&len, (const void *)ulen, sizeof(len)))
		err = -EFAULT;
	else if ((int)len < 0)
		err = -EINVAL;
	else
		err = option_of(s, (int)level, (int)name, uval, &len);
	if (!err && copy_to_user((void *)ulen, &len, sizeof(len)))
		err = -EFAULT;
	file_put(f);
	return err;
}

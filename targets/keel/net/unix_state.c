/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of AF_UNIX: what they tell of themselves. */
#include "net/unix.h"

#include <asm/errno.h>
#include <asm/ioctls.h>
#include <asm/socket.h>
#include <linux/poll.h>
#include <linux/sockios.h>

#include "fs/proc.h"
#include "mm/uaccess.h"
#include "net/inet.h"

#ifndef POLLRDHUP
#define POLLRDHUP 0x2000
#endif

int unix_getname(struct socket *s, struct sockaddr_storage *a, bool peer)
{
	const struct unix_sock *u = s->sk;

	if (peer && !u->peer)
		return -ENOTCONN;
	if (peer)
		u = u->peer;
	if (u->name) {
		*a = u->name->a;
		return (int)u->name->len;
	}
	*a = (struct sockaddr_storage){.family = AF_UNIX};
	return sizeof(a->family);
}

unsigned unix_poll(struct socket *s)
{
	const struct unix_sock *u = s->sk;
	unsigned events = s->error ? POLLERR : 0;

	if (u->down == UNIX_NO_BOTH ||
		(u->type != SOCK_DGRAM && u->state == UNIX_CLOSED))
		events |= POLLHUP;
	if (u->down & UNIX_NO_READ)
		events |= POLLRDHUP | POLLIN | POLLRDNORM;
	if (u->first || u->pending)
		events |= POLLIN | POLLRDNORM;
	if (unix_is_writable(u))
		events |= POLLOUT | POLLWRNORM | POLLWRBAND;
	return events;
}

long unix_ioctl(struct socket *s, unsigned cmd, unsigned long arg)
{
	const struct unix_sock *u = s->sk;
	int n;

	switch (cmd) {
	case SIOCOUTQ:
		n = (int)u->sent;
		break;
	case FIONREAD:
		if (u->state == UNIX_LISTENING)
			return -EINVAL;
		n = (int)u->queued;
		if (u->type == SOCK_DGRAM)
			n = u->first ? (int)u->first->total : 0;
		break;
	default:
		return inet_ioctl(cmd, arg); /* netdevice(7) */
	}
	return copy_to_user((void *)arg, &n, sizeof(n));
}

/* The process at the other end is this one, once there is another end. */
static int peer_credentials(const struct unix_sock *u, long uval, unsigned *len)
{
	uint32_t cred[3] = {0, UINT32_MAX, UINT32_MAX}; /* pid, uid, gid */

	if (u->state != UNIX_CLOSED) {
		cred[0] = PROC_PID;
		cred[1] = cred[2] = 0;
	}
	return option_put(uval, len, cred, sizeof(cred));
}

int unix_getsockopt(
	struct socket *s, int level, int name, long uval, unsigned *len)
{
	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	return name == SO_PEERCRED ? peer_credentials(s->sk, uval, len)
				   : -ENOPROTOOPT;
}

int unix_setsockopt(
	struct socket *s, int level, int name, long uval, unsigned len)
{
	(void)s;
	(void)name;
	(void)uval;
	(void)len;
	return level == SOL_SOCKET ? -ENOPROTOOPT : -EOPNOTSUPP;
}

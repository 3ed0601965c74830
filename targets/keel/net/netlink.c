/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of AF_NETLINK: requests to list interfaces, addresses, routes. */
#include "net/netlink.h"

#include <asm/errno.h>
#include <asm/socket.h>
#include <linux/poll.h>
#include <linux/rtnetlink.h>

#include "fs/proc.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "net/inet.h"
#include "net/net.h"
#include "net/socket.h"

enum { REQUEST_MAX = 4096 };

struct netlink_sock {
	uint32_t pid;             /* 0: not bound */
	struct sockaddr_nl to;    /* of connect */
	struct netlink_out queue; /* what is to be read */
};

/* The first socket has the number of the process. */
static uint32_t next_pid;

static void bind_pid(struct netlink_sock *n)
{
	if (!n->pid)
		n->pid = next_pid ? next_pid-- : PROC_PID;
	if (!next_pid)
		next_pid = (uint32_t)-4096;
}

/* --- making answers -------------------------------------------------------*/

bool netlink_begin(struct netlink_out *o, int type, unsigned flags, size_t size,
	const void *fixed, size_t n)
{
	struct netlink_answer *a = o->last;

	if (!a || ANSWER_SIZE - a->len < size) {
		a = kmalloc(sizeof(*a));
		if (!a) {
			o->failed = true;
			return false;
		}
		a->next = NULL;
		a->len = 0;
		o->count++;
		if (o->last)
			o->last->next = a;
		else
			o->first = a;
		o->last = a;
	}
	o->open = (struct nlmsghdr *)(a->data + a->len);
	memset(o->open, 0, NLMSG_SPACE(n));
	*o->open = (struct nlmsghdr){.nlmsg_len = NLMSG_LENGTH(n),
		.nlmsg_type = (uint16_t)type,
		.nlmsg_flags = (uint16_t)flags,
		.nlmsg_seq = o->seq,
		.nlmsg_pid = o->pid};
	memcpy(NLMSG_DATA(o->open), fixed, n);
	return true;
}

void netlink_add(struct netlink_out *o, int type, const void *p, size_t n)
{
	struct rtattr *a = (struct rtattr *)((char *)o->open +
					     NLMSG_ALIGN(o->open->nlmsg_len));

	a->rta_type = (uint16_t)type;
	a->rta_len = (uint16_t)RTA_LENGTH(n);
	memset(RTA_DATA(a), 0, RTA_ALIGN(n));
	memcpy(RTA_DATA(a), p, n);
	/* With the padding, also after the last one. */
	o->open->nlmsg_len =
		(uint32_t)((char *)a + RTA_SPACE(n) - (char *)o->open);
}

void netlink_end(struct netlink_out *o)
{
	o->last->len += NLMSG_ALIGN(o->open->nlmsg_len);
}

static void answer_error(
	struct netlink_out *o, const struct nlmsghdr *h, int error)
{
	struct nlmsgerr e = {error, *h};
	size_t rest = error ? h->nlmsg_len - sizeof(*h) : 0;

	rest = MIN(rest, (size_t)ANSWER_SIZE - 64);
	if (!netlink_begin(o, NLMSG_ERROR, 0, 64 + rest, &e, sizeof(e)))
		return;
	memcpy((char *)o->open + o->open->nlmsg_len, h + 1, rest);
	o->open->nlmsg_len += (uint32_t)rest;
	netlink_end(o);
}

static void answer(struct netlink_sock *n, const struct nlmsghdr *h)
{
	struct netlink_out *o = &n->queue;
	const struct rtgenmsg *g = (const struct rtgenmsg *)(h + 1);
	int err = 0, zero = 0;

	o->seq = h->nlmsg_seq;
	o->pid = n->pid;
	if (!(h->nlmsg_flags & NLM_F_REQUEST) || h->nlmsg_type < NLMSG_MIN_TYPE)
		err = 1; /* not for us */
	else if ((h->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		err = -EOPNOTSUPP;
	else if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*g)))
		err = -EINVAL;
	else
		err = netlink_dump(o, h->nlmsg_type, g->rtgen_family);
	if (err < 0)
		answer_error(o, h, err);
	else if (!err && netlink_begin(o, NLMSG_DONE, NLM_F_MULTI, 32, &zero,
				 sizeof(zero)))
		netlink_end(o);
	else if (h->nlmsg_flags & NLM_F_ACK)
		answer_error(o, h, 0);
}

/* --- the socket -----------------------------------------------------------*/

static int check_name(const struct sockaddr_storage *a, unsigned len)
{
	return len < sizeof(struct sockaddr_nl) || a->family != AF_NETLINK
		       ? -EINVAL
		       : 0;
}

/* Groups of events are refused: nothing is sent by itself. */
static int netlink_bind(
	struct socket *s, const struct sockaddr_storage *a, unsigned len)
{
	struct netlink_sock *n = s->sk;
	struct sockaddr_nl name;
	int err = check_name(a, len);

	if (err)
		return err;
	memcpy(&name, a, sizeof(name));
	if (name.nl_groups)
		return -EOPNOTSUPP;
	if (n->pid)
		return name.nl_pid && name.nl_pid != n->pid ? -EINVAL : 0;
	n->pid = name.nl_pid;
	bind_pid(n);
	return 0;
}

static int netlink_connect(struct socket *s, const struct sockaddr_storage *a,
	unsigned len, unsigned flags)
{
	struct netlink_sock *n = s->sk;
	int err;

	(void)flags;
	if (len < sizeof(a->family))
		return -EINVAL;
	if (a->family == AF_UNSPEC) {
		memset(&n->to, 0, sizeof(n->to));
		return 0;
	}
	err = check_name(a, len);
	if (err)
		return err;
	memcpy(&n->to, a, sizeof(n->to));
	bind_pid(n);
	return 0;
}

static int netlink_getname(
	struct socket *s, struct sockaddr_storage *a, bool peer)
{
	const struct netlink_sock *n = s->sk;
	struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_pid = n->pid};

	if (peer) {
		name.nl_pid = n->to.nl_pid;
		name.nl_groups = n->to.nl_groups;
	}
	memcpy(a, &name, sizeof(name));
	return sizeof(name);
}

/* Only the kernel, which has no number, is there to talk to. */
static int check_target(
	const struct netlink_sock *n, const struct socket_msg *m)
{
	struct sockaddr_nl to = n->to;
	int err;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (m->name_len) {
		err = check_name(&m->name, m->name_len);
		if (err)
			return err;
		memcpy(&to, &m->name, sizeof(to));
	}
	if (to.nl_groups)
		return -EPERM;
	return to.nl_pid ? -ECONNREFUSED : 0;
}

static void answer_all(struct netlink_sock *n, char *p, size_t left)
{
	while (left >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *h = (const struct nlmsghdr *)p;
		size_t step = NLMSG_ALIGN((size_t)h->nlmsg_len);

		if (h->nlmsg_len < sizeof(*h) || h->nlmsg_len > left)
			break;
		answer(n, h);
		step = MIN(step, left);
		p += step;
		left -= step;
	}
}

static long netlink_sendmsg(struct socket *s, struct socket_msg *m)
{
	struct netlink_sock *n = s->sk;
	size_t len = m->left;
	char *request;
	long err = check_target(n, m);

	if (err)
		return err;
	if (len > REQUEST_MAX)
		return -EMSGSIZE;
	/* Who asks and never reads does not get all of the memory. */
	if (n->queue.count * sizeof(struct netlink_answer) > (size_t)s->rcvbuf)
		return -ENOBUFS;
	request = kmalloc(len + 1);
	if (!request)
		return -ENOBUFS;
	err = msg_copy_from(m, request, len);
	if (!err) {
		bind_pid(n);
		net_wait_addresses();
		answer_all(n, request, len);
		if (n->queue.failed)
			err = -ENOBUFS;
		n->queue.failed = false;
		waitq_wake_for(&s->wq, WAITQ_IN);
	}
	kfree(request);
	return err ? err : (long)len;
}

static struct netlink_answer *take(struct netlink_sock *n)
{
	struct netlink_answer *a = n->queue.first;

	n->queue.first = a->next;
	if (!a->next)
		n->queue.last = NULL;
	n->queue.count--;
	return a;
}

static long netlink_recvmsg(struct socket *s, struct socket_msg *m)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct netlink_sock *n = s->sk;
	struct netlink_answer *a;
	size_t len, part;
	long err;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = socket_wait(
		s, socket_deadline(m->flags, s->rcvtimeo), n->queue.first);
	if (err)
		return err;
	a = take(n);
	len = a->len;
	part = MIN(m->left, len);
	if (part < len)
		m->out_flags |= MSG_TRUNC;
	memcpy(&m->name, &kernel, sizeof(kernel));
	m->name_len = sizeof(kernel);
	err = msg_copy_to(m, a->data, part);
	if (!err && m->flags & MSG_PEEK) {
		a->next = n->queue.first;
		n->queue.first = a;
		if (!a->next)
			n->queue.last = a;
		n->queue.count++;
	} else {
		kfree(a);
	}
	if (err)
		return err;
	return (long)(m->flags & MSG_TRUNC ? len : part);
}

static unsigned netlink_poll(struct socket *s)
{
	const struct netlink_sock *n = s->sk;

	return POLLOUT | POLLWRNORM | POLLWRBAND |
	       (n->queue.first ? POLLIN | POLLRDNORM : 0);
}

static long netlink_ioctl(struct socket *s, unsigned cmd, unsigned long arg)
{
	(void)s;
	return inet_ioctl(cmd, arg);
}

static int netlink_setsockopt(
	struct socket *s, int level, int name, long uval, unsigned len)
{
	(void)s;
	(void)level;
	(void)name;
	(void)uval;
	(void)len;
	return -ENOPROTOOPT;
}

static int netlink_getsockopt(
	struct socket *s, int level, int name, long uval, unsigned *len)
{
	(void)s;
	(void)level;
	(void)name;
	(void)uval;
	(void)len;
	return -ENOPROTOOPT;
}

static void netlink_release(struct socket *s)
{
	struct netlink_sock *n = s->sk;

	while (n->queue.first)
		kfree(take(n));
	kfree(n);
}

static const struct socket_ops netlink_ops = {.release = netlink_release,
	.bind = netlink_bind,
	.connect = netlink_connect,
	.getname = netlink_getname,
	.sendmsg = netlink_sendmsg,
	.recvmsg = netlink_recvmsg,
	.poll = netlink_poll,
	.ioctl = netlink_ioctl,
	.setsockopt = netlink_setsockopt,
	.getsockopt = netlink_getsockopt};

int socket_netlink_create(struct socket *s, int type, int protocol)
{
	if (type != SOCK_RAW && type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (protocol != NETLINK_ROUTE)
		return -EPROTONOSUPPORT;
	s->sk = kzalloc(sizeof(struct netlink_sock));
	if (!s->sk)
		return -ENOMEM;
	s->ops = &netlink_ops;
	return 0;
}

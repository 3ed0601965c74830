/* SPDX-License-Identifier: Apache-2.0 */
/* The relay's UDP half: one port, a socket for each peer. */
#include "vm/relay_udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mem.h"

/* The peer that was silent for longest makes room for a new one. */
enum { PEERS = 128, DATAGRAM = 65536, BATCH = 64 };

struct peer {
	struct sockaddr_in6 addr;
	struct in6_pktinfo asked; /* our address that it sent to */
	int fd;                   /* 0: no peer */
	uint64_t used;
};

struct relay_udp {
	int fd, epoll;
	uint16_t port;
	uint64_t clock; /* counts datagrams */
	struct peer peer[PEERS];
	char data[DATAGRAM];
};

struct relay_udp *relay_udp_new(int fd, uint16_t port)
{
	struct relay_udp *u = xcalloc(1, sizeof(*u));
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
	int on = 1;

	u->fd = fd;
	u->port = port;
	u->epoll = epoll_create1(EPOLL_CLOEXEC);
	setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	epoll_ctl(u->epoll, EPOLL_CTL_ADD, fd, &e);
	return u;
}

void relay_udp_free(struct relay_udp *u)
{
	if (!u)
		return;
	for (int i = 0; i < PEERS; i++) {
		if (u->peer[i].fd)
			close(u->peer[i].fd);
	}
	mem_close_p(&u->epoll);
	free(u);
}

int relay_udp_fd(const struct relay_udp *u)
{
	return u->epoll;
}

static int connect_to(uint16_t port)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 &&
		connect(fd, (struct sockaddr *)(void *)&a, sizeof(a)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* NULL: there is no descriptor for another. */
static struct peer *find_peer(struct relay_udp *u, const struct sockaddr_in6 *a)
{
	struct peer *p = &u->peer[0];
	struct epoll_event e = {.events = EPOLLIN};

	for (int i = 0; i < PEERS; i++) {
		struct peer *q = &u->peer[i];

		if (q->fd && q->addr.sin6_port == a->sin6_port &&
			q->addr.sin6_scope_id == a->sin6_scope_id &&
			!memcmp(&q->addr.sin6_addr, &a->sin6_addr, 16))
			return q;
		if (!q->fd || (p->fd && q->used < p->used))
			p = q;
	}
	if (p->fd)
		close(p->fd);
	p->fd = connect_to(u->port);
	if (p->fd < 0) {
		p->fd = 0;
		return NULL;
	}
	p->addr = *a;
	e.data.ptr = p;
	epoll_ctl(u->epoll, EPOLL_CTL_ADD, p->fd, &e);
	return p;
}

union control {
	struct cmsghdr h;
	char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

/* From a peer to the port. False: nothing is there. */
static int take_request(struct relay_udp *u)
{
	struct sockaddr_in6 from;
	union control control;
	struct iovec v = {u->data, sizeof(u->data)};
	struct msghdr m = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(u->fd, &m, 0);
	struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&m);
	struct peer *p;

	if (n < 0)
		return errno == EINTR;
	p = find_peer(u, &from);
	if (!p)
		return 1; /* lost, as datagrams may be */
	if (c && c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
		memcpy(&p->asked, CMSG_DATA(c), sizeof(p->asked));
	p->used = ++u->clock;
	send(p->fd, u->data, (size_t)n, MSG_NOSIGNAL);
	return 1;
}

/* From the port to the peer. False: nothing is there. */
static int take_answer(struct relay_udp *u, struct peer *p)
{
	union control control = {0};
	struct iovec v = {u->data, 0};
	struct msghdr m = {
		.msg_name = &p->addr,
		.msg_namelen = sizeof(p->addr),
		.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	ssize_t n = p->fd ? recv(p->fd, u->data, sizeof(u->data), 0) : -1;

	if (n < 0) /* also: nobody is there now */
		return 0;
	p->used = ++u->clock;
	v.iov_len = (size_t)n;
	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(p->asked));
	memcpy(CMSG_DATA(c), &p->asked, sizeof(p->asked));
	sendmsg(u->fd, &m, MSG_NOSIGNAL);
	return 1;
}

void relay_udp_work(struct relay_udp *u)
{
	struct epoll_event ev[8];
	int n = epoll_wait(u->epoll, ev, 8, 0);

	for (int i = 0; i < n; i++) {
		struct peer *p = ev[i].data.ptr;

		for (int k = 0; k < BATCH; k++) {
			if (!(p ? take_answer(u, p) : take_request(u)))
				break;
		}
	}
}

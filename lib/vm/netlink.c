/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to and from the kernel's rtnetlink. */
#include "vm/netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { ANSWER_MAX = 32768, PATIENCE_S = 5 };

int netlink_open(struct err *e)
{
	struct sockaddr_nl a = {.nl_family = AF_NETLINK};
	struct timeval t = {.tv_sec = PATIENCE_S};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return err_errno(e, "netlink");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	if (bind(fd, (struct sockaddr *)(void *)&a, sizeof(a)) < 0) {
		err_errno(e, "netlink");
		close(fd);
		return e->code;
	}
	return fd;
}

static void align(struct buf *b)
{
	buf_add_zero(b, NLMSG_ALIGN(b->len) - b->len);
}

void netlink_begin(struct buf *b, unsigned type, unsigned flags,
	const void *header, size_t n)
{
	struct nlmsghdr h = {
		.nlmsg_type = (uint16_t)type,
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
	};

	buf_add(b, &h, sizeof(h));
	buf_add(b, header, n);
	align(b);
}

void netlink_put(struct buf *b, unsigned type, const void *p, size_t n)
{
	struct rtattr a = {
		.rta_len = (uint16_t)RTA_LENGTH(n),
		.rta_type = (uint16_t)type,
	};

	buf_add(b, &a, sizeof(a));
	if (n)
		buf_add(b, p, n);
	align(b);
}

void netlink_put_u32(struct buf *b, unsigned type, uint32_t v)
{
	netlink_put(b, type, &v, sizeof(v));
}

void netlink_put_str(struct buf *b, unsigned type, const char *s)
{
	netlink_put(b, type, s, strlen(s) + 1);
}

size_t netlink_begin_nest(struct buf *b, unsigned type)
{
	size_t at = b->len;

	netlink_put(b, type, NULL, 0);
	return at;
}

void netlink_end_nest(struct buf *b, size_t at)
{
	uint16_t len = (uint16_t)(b->len - at);

	memcpy(b->data + at, &len, sizeof(len));
}

static int send_message(int fd, struct buf *b)
{
	uint32_t len = (uint32_t)b->len;

	memcpy(b->data, &len, sizeof(len));
	return send(fd, b->data, b->len, 0) < 0 ? -errno : 0;
}

/* One datagram of answers: 1 when the last was in it, or -errno. */
static int take_answers(int fd, netlink_fn *fn, void *arg)
{
	union {
		struct nlmsghdr h;
		char bytes[ANSWER_MAX];
	} in;
	struct nlmsghdr *h = &in.h;
	const struct nlmsgerr *status;
	ssize_t n;

	do {
		n = recv(fd, &in, sizeof(in), 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	for (size_t left = (size_t)n; NLMSG_OK(h, left);
		h = NLMSG_NEXT(h, left)) {
		if (h->nlmsg_type == NLMSG_DONE)
			return 1;
		if (h->nlmsg_type == NLMSG_ERROR) {
			status = NLMSG_DATA(h);
			return status->error ? status->error : 1;
		}
		if (fn)
			fn(h, arg);
	}
	return 0;
}

static int exchange(int fd, struct buf *b, netlink_fn *fn, void *arg)
{
	int r = send_message(fd, b);

	while (r == 0)
		r = take_answers(fd, fn, arg);
	return r < 0 ? r : 0;
}

int netlink_request(int fd, struct buf *b)
{
	b->data[6] |= NLM_F_ACK; /* the low byte of nlmsg_flags */
	return exchange(fd, b, NULL, NULL);
}

int netlink_dump(int fd, struct buf *b, netlink_fn *fn, void *arg)
{
	return exchange(fd, b, fn, arg);
}

static void collect(const struct rtattr *a, size_t n, const struct rtattr **out,
	unsigned max)
{
	for (unsigned i = 0; i <= max; i++)
		out[i] = NULL;
	for (; RTA_OK(a, n); a = RTA_NEXT(a, n)) {
		unsigned type = a->rta_type & NLA_TYPE_MASK;

		if (type <= max)
			out[type] = a;
	}
}

const void *netlink_header(const struct nlmsghdr *h)
{
	return (const char *)h + NLMSG_HDRLEN;
}

void netlink_attributes(const struct nlmsghdr *h, size_t n,
	const struct rtattr **out, unsigned max)
{
	size_t skip = NLMSG_SPACE(n);
	const char *p = (const char *)h + skip;

	collect((const struct rtattr *)(const void *)p,
		h->nlmsg_len > skip ? h->nlmsg_len - skip : 0, out, max);
}

void netlink_nested(
	const struct rtattr *a, const struct rtattr **out, unsigned max)
{
	collect(RTA_DATA(a), RTA_PAYLOAD(a), out, max);
}

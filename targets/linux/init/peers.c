/* SPDX-License-Identifier: Apache-2.0 */
/* TCP connections, and whether a request is under way on one: sock_diag(7). */
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "init.h"

enum {
	ANSWER = 32768,
	PORTS = 65536,
	TIE_MS = 1000,
	/* States of TCP: Linux, net/tcp_states.h. */
	ESTABLISHED = 1,
	FIN_WAIT1 = 4,
	FIN_WAIT2 = 5,
	CLOSE_WAIT = 8,
	LAST_ACK = 9,
	LISTENS = 10,
	CLOSING = 11,
	CONNECTED = 1 << ESTABLISHED | 1 << FIN_WAIT1 | 1 << FIN_WAIT2 |
		    1 << CLOSE_WAIT | 1 << LAST_ACK | 1 << CLOSING,
};

static uint8_t served[PORTS / 8]; /* ports that somebody listens on */

static unsigned port_of(const struct inet_diag_msg *m)
{
	return ntohs(m->id.idiag_sport);
}

static int is_local(const struct inet_diag_msg *m)
{
	static const unsigned char mapped[] = {
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127};
	const void *from = m->id.idiag_src;
	size_t n = m->idiag_family == AF_INET ? 4 : 16;

	return !memcmp(from, m->id.idiag_dst, n) ||
	       (n == 4 && *(const unsigned char *)from == 127) ||
	       (n == 16 && !memcmp(from, mapped, sizeof(mapped)));
}

/* Room for what the kernel of the machine may know and we do not. */
static void info_of(const struct inet_diag_msg *m, size_t n, struct tcp_info *t)
{
	const struct rtattr *a = (const struct rtattr *)(m + 1);

	memset(t, 0, sizeof(*t));
	n -= sizeof(*m);
	for (; RTA_OK(a, n); a = RTA_NEXT(a, n))
		if (a->rta_type == INET_DIAG_INFO)
			memcpy(t, RTA_DATA(a),
				RTA_PAYLOAD(a) < sizeof(*t) ? RTA_PAYLOAD(a)
							    : sizeof(*t));
}

/*
 * The peer has sent after our last byte. The kernel's times are of some
 * milliseconds: of the same one, it may be.
 */
static int is_asked(const struct inet_diag_msg *m, const struct tcp_info *t)
{
	uint32_t in = t->tcpi_last_data_recv, out = t->tcpi_last_data_sent;

	if (m->idiag_state != ESTABLISHED && m->idiag_state != CLOSE_WAIT)
		return 0;
	if (m->idiag_rqueue || (t->tcpi_bytes_received && !t->tcpi_bytes_sent))
		return 1;
	return t->tcpi_bytes_received &&
	       (in < out || (in == out && in < TIE_MS));
}

/* One socket: what it is for peers_look. */
static int weigh(const struct inet_diag_msg *m, size_t n)
{
	unsigned port = port_of(m);
	struct tcp_info t;

	if (m->idiag_state == LISTENS) {
		served[port / 8] |= (uint8_t)(1u << port % 8);
		return PEERS_NONE;
	}
	if (is_local(m))
		return PEERS_NONE;
	info_of(m, n, &t);
	if (m->idiag_wqueue ||
		(served[port / 8] >> port % 8 & 1 && is_asked(m, &t)))
		return PEERS_BUSY;
	return PEERS_IDLE;
}

/* All of one answer; 1: there are no more. */
static int take(char *p, size_t n, int *most)
{
	struct nlmsghdr *h = (struct nlmsghdr *)p;

	for (; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
		int seen;

		if (h->nlmsg_type == NLMSG_DONE)
			return 1;
		if (h->nlmsg_type == NLMSG_ERROR) {
			errno = -((struct nlmsgerr *)NLMSG_DATA(h))->error;
			die("ask for connections");
		}
		if (h->nlmsg_len < NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
			continue;
		seen = weigh(NLMSG_DATA(h), h->nlmsg_len - NLMSG_LENGTH(0));
		if (seen > *most)
			*most = seen;
	}
	return 0;
}

static int look_at(unsigned char family, unsigned states)
{
	static char answer[ANSWER] __attribute__((aligned(8)));
	struct {
		struct nlmsghdr h;
		struct inet_diag_req_v2 r;
	} q = {0};
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	int most = PEERS_NONE, ended = 0;

	q.h.nlmsg_len = sizeof(q);
	q.h.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	q.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	q.r.sdiag_family = family;
	q.r.sdiag_protocol = IPPROTO_TCP;
	q.r.idiag_ext = 1 << (INET_DIAG_INFO - 1);
	q.r.idiag_states = states;
	if (s < 0 || send(s, &q, sizeof(q), 0) < 0)
		die("ask for connections");
	while (!ended) {
		ssize_t n = recv(s, answer, sizeof(answer), 0);

		if (n <= 0)
			die("connections");
		ended = take(answer, (size_t)n, &most);
	}
	close(s);
	return most;
}

int peers_look(void)
{
	int v4, v6;

	look_at(AF_INET, 1u << LISTENS);
	look_at(AF_INET6, 1u << LISTENS);
	v4 = look_at(AF_INET, CONNECTED);
	v6 = look_at(AF_INET6, CONNECTED);
	return v4 > v6 ? v4 : v6;
}

/* "  N: ADDRESS:PORT PEER:PORT STATE UNSENT:UNREAD ...": proc(5) */
static int unsent_in(const char *path)
{
	FILE *f = fopen(path, "re");
	char line[256], state[4], unsent[10];
	int any = 0;

	while (f && !any && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*[^:]: %*s %*s %3s %9[^:]:", state,
			    unsent) == 2)
			any = strtoul(unsent, NULL, 16) &&
			      CONNECTED >> (strtoul(state, NULL, 16) & 31) & 1;
	}
	if (f)
		fclose(f);
	return any;
}

int peers_unsent(void)
{
	return unsent_in("/proc/net/tcp") || unsent_in("/proc/net/tcp6");
}

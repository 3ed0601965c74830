/* SPDX-License-Identifier: Apache-2.0 */
/* A DHCP client for IPv4 (RFC 2131, options of RFC 2132). */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

enum {
	CLIENT = 68,
	SERVER = 67,
	DISCOVER = 1,
	OFFER = 2,
	REQUEST = 3,
	ACK = 5,
	OPT_MASK = 1,
	OPT_ROUTER = 3,
	OPT_DNS = 6,
	OPT_ADDRESS = 50,
	OPT_LEASE = 51,
	OPT_TYPE = 53,
	OPT_SERVER = 54,
	OPT_WANTED = 55,
	OPT_END = 255,
	TRIES = 4,
	TRY_MS = 1000,
	LEASE_MIN = 60
};
static const unsigned char cookie[4] = {99, 130, 83, 99};

struct message {
	uint8_t op, htype, hlen, hops;
	uint32_t xid;
	uint16_t secs, flags;
	uint8_t ciaddr[4], yiaddr[4], siaddr[4], giaddr[4];
	uint8_t chaddr[16], sname[64], file[128], magic[4];
	uint8_t options[312];
};

struct lease {
	uint8_t address[4], mask[4], router[4], dns[4], server[4];
	uint32_t seconds;
};

static const uint8_t *option(
	const struct message *m, size_t len, unsigned code, unsigned size)
{
	const uint8_t *p = m->options;
	const uint8_t *end = (const uint8_t *)m + len;

	while (end - p >= 2 && *p != OPT_END) {
		if (*p == 0) {
			p++;
			continue;
		}
		if (p[1] > end - p - 2)
			break;
		if (*p == code)
			return p[1] >= size ? p + 2 : NULL;
		p += 2 + p[1];
	}
	return NULL;
}

static uint8_t *put(uint8_t *p, uint8_t code, const void *data, uint8_t n)
{
	*p++ = code;
	*p++ = n;
	memcpy(p, data, n);
	return p + n;
}

static void ask(int s, uint32_t xid, const uint8_t *mac, uint8_t type,
	const struct lease *l)
{
	static const uint8_t wanted[] = {OPT_MASK, OPT_ROUTER, OPT_DNS};
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(SERVER),
		.sin_addr.s_addr = INADDR_BROADCAST};
	struct message m = {.op = 1,
		.htype = 1,
		.hlen = 6,
		.xid = xid,
		.flags = htons(0x8000)}; /* answers by broadcast */
	uint8_t *p = m.options;

	memcpy(m.chaddr, mac, 6);
	memcpy(m.magic, cookie, 4);
	p = put(p, OPT_TYPE, &type, 1);
	p = put(p, OPT_WANTED, wanted, sizeof(wanted));
	if (type == REQUEST) {
		p = put(p, OPT_ADDRESS, l->address, 4);
		p = put(p, OPT_SERVER, l->server, 4);
	}
	*p = OPT_END;
	sendto(s, &m, sizeof(m), 0, (struct sockaddr *)&to, sizeof(to));
}

/* The answer of a kind, within the time of one try: 1. */
static int answer(int s, uint32_t xid, unsigned type, struct lease *l)
{
	struct pollfd p = {s, POLLIN, 0};
	struct message m;
	const uint8_t *o;

	while (poll(&p, 1, TRY_MS) > 0) {
		ssize_t n = recv(s, &m, sizeof(m), 0);

		if (n < (ssize_t)offsetof(struct message, options) ||
			m.op != 2 || m.xid != xid ||
			memcmp(m.magic, cookie, 4) != 0)
			continue;
		o = option(&m, (size_t)n, OPT_TYPE, 1);
		if (!o || *o != type)
			continue;
		memset(l, 0, sizeof(*l));
		memcpy(l->address, m.yiaddr, 4);
		memcpy(l->mask, "\xff\xff\xff", 4);
		if ((o = option(&m, (size_t)n, OPT_MASK, 4)))
			memcpy(l->mask, o, 4);
		if ((o = option(&m, (size_t)n, OPT_ROUTER, 4)))
			memcpy(l->router, o, 4);
		if ((o = option(&m, (size_t)n, OPT_DNS, 4)))
			memcpy(l->dns, o, 4);
		if ((o = option(&m, (size_t)n, OPT_SERVER, 4)))
			memcpy(l->server, o, 4);
		l->seconds = UINT32_MAX;
		if ((o = option(&m, (size_t)n, OPT_LEASE, 4)))
			l->seconds = (uint32_t)o[0] << 24 |
				     (uint32_t)o[1] << 16 |
				     (uint32_t)o[2] << 8 | o[3];
		return 1;
	}
	return 0;
}

static int open_socket(const char *card, uint8_t *mac)
{
	struct sockaddr_in any = {
		.sin_family = AF_INET, .sin_port = htons(CLIENT)};
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq q = {0};
	int yes = 1;

	snprintf(q.ifr_name, sizeof(q.ifr_name), "%s", card);
	if (s < 0 || ioctl(s, SIOCGIFHWADDR, &q) < 0 ||
		setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, &q, sizeof(q)) < 0 ||
		setsockopt(s, SOL_SOCKET, SO_BROADCAST, &yes, sizeof(yes)) <
			0 ||
		setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) <
			0 ||
		bind(s, (struct sockaddr *)&any, sizeof(any)) < 0)
		die("DHCP on %s", card);
	memcpy(mac, q.ifr_hwaddr.sa_data, 6);
	return s;
}

static int get_lease(const char *card, struct lease *l)
{
	uint8_t mac[6];
	uint32_t xid;
	int s = open_socket(card, mac), found = 0;

	for (int i = 0; i < TRIES && !found; i++) {
		struct lease offer;

		if (getrandom(&xid, sizeof(xid), 0) != sizeof(xid))
			break;
		ask(s, xid, mac, DISCOVER, NULL);
		if (!answer(s, xid, OFFER, &offer))
			continue;
		ask(s, xid, mac, REQUEST, &offer);
		found = answer(s, xid, ACK, l);
	}
	close(s);
	return found;
}

static void use_lease(int index, const struct lease *l)
{
	static const uint8_t none[4];
	struct prefix p = {.family = AF_INET}, all = {.family = AF_INET};
	struct stat st;
	FILE *f;

	memcpy(p.addr, l->address, 4);
	for (int i = 0; i < 32 && l->mask[i / 8] >> (7 - i % 8) & 1; i++)
		p.len++;
	if (address_add(index, &p) < 0)
		die("set the address of DHCP");
	memcpy(p.addr, l->router, 4);
	if (memcmp(l->router, none, 4) != 0 && route_add(index, &all, &p) < 0)
		die("set the route of DHCP");
	if (memcmp(l->dns, none, 4) == 0 ||
		(stat("/etc/resolv.conf", &st) == 0 && st.st_size > 0))
		return;
	f = fopen("/etc/resolv.conf", "we");
	if (f) {
		fprintf(f, "nameserver %u.%u.%u.%u\n", l->dns[0], l->dns[1],
			l->dns[2], l->dns[3]);
		fclose(f);
	}
}

/* Asks again when half the lease is over, for as long as the machine runs. */
static void keep(const char *card, int index, struct lease *l)
{
	for (;;) {
		unsigned s = l->seconds / 2;

		sleep(s > LEASE_MIN / 2 ? s : LEASE_MIN / 2);
		if (get_lease(card, l))
			use_lease(index, l);
	}
}

int dhcp_run(const char *card, int index)
{
	struct lease l;

	if (!get_lease(card, &l))
		return 0;
	use_lease(index, &l);
	if (l.seconds != UINT32_MAX && fork() == 0)
		keep(card, index, &l);
	return 1;
}

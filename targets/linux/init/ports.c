/* SPDX-License-Identifier: Apache-2.0 */
/* Which ports the machine takes peers on: the kernel's tables of sockets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "init.h"

enum {
	PORTS = 65536,
	TCP = 6,
	UDP = 17,
	LISTEN = 0x0a, /* states of /proc/net/tcp, udp: proc(5) */
	UNCONNECTED = 0x07,
	EPHEMERAL = 32768, /* ip_local_port_range: nobody's choice */
	EPHEMERAL_END = 60999
};

struct table {
	const char *path;
	uint8_t protocol;
};
static const struct table tables[] = {
	{"/proc/net/tcp", TCP},
	{"/proc/net/tcp6", TCP},
	{"/proc/net/udp", UDP},
	{"/proc/net/udp6", UDP},
};

static uint8_t open_before[2][PORTS / 8], open_now[2][PORTS / 8];

/* Addresses are words in the machine's order. */
static int is_loopback(const char *address, size_t n)
{
	if (n == 8)
		return !memcmp(address + 6, "7F", 2);
	return n == 32 &&
	       (!memcmp(address, "00000000000000000000000001000000", 32) ||
		       (!memcmp(address, "0000000000000000FFFF0000", 24) &&
			       !memcmp(address + 30, "7F", 2)));
}

/* "  N: ADDRESS:PORT PEER:PORT STATE ...", all in hexadecimal. */
static void take_line(const struct table *t, const char *line)
{
	const char *address = strchr(line, ':');
	const char *colon = address ? strchr(address + 1, ':') : NULL;
	unsigned long port, state;
	char *p;

	if (!colon)
		return;
	address += 1 + strspn(address + 1, " ");
	port = strtoul(colon + 1, &p, 16);
	p += strspn(p, " ");
	p += strcspn(p, " "); /* the peer */
	state = strtoul(p, NULL, 16);
	if (port == 0 || port >= PORTS ||
		is_loopback(address, (size_t)(colon - address)))
		return;
	if (t->protocol == TCP
			? state != LISTEN
			: state != UNCONNECTED ||
				  (port >= EPHEMERAL && port <= EPHEMERAL_END))
		return;
	open_now[t->protocol == UDP][port / 8] |= (uint8_t)(1u << port % 8);
}

static void scan(const struct table *t)
{
	FILE *f = fopen(t->path, "re");
	char line[256];

	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		take_line(t, line);
	fclose(f);
}

static void tell(int udp, unsigned byte)
{
	uint8_t changed = open_now[udp][byte] ^ open_before[udp][byte];

	for (unsigned bit = 0; bit < 8; bit++) {
		struct channel_port p = {udp ? UDP : TCP,
			open_now[udp][byte] >> bit & 1,
			(uint16_t)(byte * 8 + bit)};

		if (changed >> bit & 1)
			channel_send(CHANNEL_PORT, &p, sizeof(p));
	}
	open_before[udp][byte] = open_now[udp][byte];
}

void ports_tell(void)
{
	memset(open_now, 0, sizeof(open_now));
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		scan(&tables[i]);
	for (int udp = 0; udp < 2; udp++)
		for (unsigned b = 0; b < PORTS / 8; b++)
			if (open_now[udp][b] != open_before[udp][b])
				tell(udp, b);
}

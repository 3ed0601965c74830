/* SPDX-License-Identifier: Apache-2.0 */
/* The network cards of a machine: their networks, records and options. */
#include "vm/net.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mem.h"

enum { HOST = 2, GUEST = 15 };

/* The one that QEMU takes if it is not told, and some that are rarely used. */
static const unsigned char user_nets[][4] = {
	{10, 0, 2, 0},
	{192, 168, 127, 0},
	{172, 31, 254, 0},
	{198, 18, 84, 0},
};
enum { NUSER_NETS = sizeof(user_nets) / sizeof(user_nets[0]) };

static const unsigned char user_mac[6] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};

void vm_net_free(struct vm_net *n)
{
	for (size_t i = 0; i < n->ncards; i++) {
		free(n->card[i].record);
		mem_close_p(&n->card[i].tap);
		mem_close_p(&n->card[i].vhost);
	}
	n->ncards = 0;
}

/* Whether two networks have an address in common. */
static int overlap(const unsigned char *a, unsigned na, const unsigned char *b,
	unsigned nb)
{
	unsigned n = na < nb ? na : nb, i;

	for (i = 0; i < n; i++) {
		if ((a[i / 8] ^ b[i / 8]) & (0x80 >> i % 8))
			return 0;
	}
	return 1;
}

static int is_taken(const struct netscan *s, const unsigned char net[4])
{
	for (size_t i = 0; i < s->naddrs; i++) {
		const struct net_addr *a = &s->addr[i];

		if (a->family == AF_INET && overlap(a->ip, a->prefix, net, 24))
			return 1;
	}
	for (size_t i = 0; i < s->nroutes; i++) {
		const struct net_route *r = &s->route[i];

		/* A default route is everybody's. */
		if (r->family == AF_INET && r->prefix &&
			overlap(r->dst, r->prefix, net, 24))
			return 1;
	}
	return 0;
}

void vm_card_address(const struct vm_card *c, unsigned host, char out[16])
{
	snprintf(out, 16, "%u.%u.%u.%u", c->net[0], c->net[1], c->net[2],
		host & 255);
}

struct vm_card *vm_net_add_user(
	struct vm_net *n, const struct netscan *s, int extra)
{
	struct vm_card *c = &n->card[n->ncards++];
	struct buf b = {0};
	char guest[16], host[16];
	size_t i = 0;

	*c = (struct vm_card){.tap = -1, .vhost = -1};
	while (i < NUSER_NETS - 1 && is_taken(s, user_nets[i]))
		i++;
	memcpy(c->net, user_nets[i], 4);
	memcpy(c->mac, user_mac, 6);
	c->ipv6 = !extra && netscan_has_ipv6(s);
	vm_card_address(c, GUEST, guest);
	vm_card_address(c, HOST, host);
	buf_addf(&b, "mac=%02x:%02x:%02x:%02x:%02x:%02x addr=%s/24", c->mac[0],
		c->mac[1], c->mac[2], c->mac[3], c->mac[4], c->mac[5], guest);
	if (c->ipv6)
		buf_adds(&b, " addr=fec0::15/64");
	if (!extra)
		buf_addf(&b, " route=0.0.0.0/0@%s", host);
	if (c->ipv6)
		buf_adds(&b, " route=::/0@fec0::2");
	buf_adds(&b, " noslaac");
	c->record = buf_steal(&b);
	return c;
}

const struct vm_card *vm_net_user(const struct vm_net *n)
{
	for (size_t i = 0; n && i < n->ncards; i++) {
		if (n->card[i].tap < 0)
			return &n->card[i];
	}
	return NULL;
}

/* A published port for a guest that does not tell when it listens. IPv6 is
 * not QEMU's to forward. */
static void put_forwards(const struct vm_net *n, struct buf *b)
{
	for (size_t i = 0; n->publish && i < n->publish->n; i++) {
		const struct vm_publish *p = &n->publish->v[i];
		char ip[INET_ADDRSTRLEN] = "";

		if (p->family == AF_INET6)
			continue;
		if (p->family == AF_INET)
			inet_ntop(AF_INET, p->addr, ip, sizeof(ip));
		buf_addf(b, ",hostfwd=%s:%s:%u-:%u", p->udp ? "udp" : "tcp", ip,
			p->host, p->guest);
	}
}

static char *user_options(
	const struct vm_net *n, const struct vm_card *c, int serial)
{
	char host[16], dns[16], guest[16];
	struct buf b = {0};

	vm_card_address(c, HOST, host);
	vm_card_address(c, HOST + 1, dns);
	vm_card_address(c, GUEST, guest);
	buf_addf(&b,
		"user,id=user,ipv4=on,ipv6=%s,net=%u.%u.%u.0/24,host=%s,"
		"dns=%s,dhcpstart=%s",
		c->ipv6 ? "on" : "off", c->net[0], c->net[1], c->net[2], host,
		dns, guest);
	if (serial)
		put_forwards(n, &b);
	return buf_steal(&b);
}

void vm_net_command(
	const struct vm_net *n, const char *bus, int serial, struct strv *v)
{
	for (size_t i = 0; i < n->ncards; i++) {
		const struct vm_card *c = &n->card[i];
		const unsigned char *m = c->mac;
		struct buf dev = {0};

		strv_add(v, "-netdev");
		if (c->tap < 0) {
			strv_take(v, user_options(n, c, serial));
		} else if (c->vhost >= 0) {
			strv_addf(v, "tap,id=tap%zu,fd=%d,vhost=on,vhostfd=%d",
				i, c->tap, c->vhost);
		} else {
			strv_addf(v, "tap,id=tap%zu,fd=%d", i, c->tap);
		}
		buf_addf(&dev,
			"virtio-net-%s,mac=%02x:%02x:%02x:%02x:%02x:%02x", bus,
			m[0], m[1], m[2], m[3], m[4], m[5]);
		if (c->tap < 0)
			buf_adds(&dev, ",netdev=user");
		else
			buf_addf(&dev, ",netdev=tap%zu", i);
		if (c->mtu)
			buf_addf(&dev, ",host_mtu=%u", c->mtu);
		/* No option ROM: nothing boots from the network. */
		if (!strcmp(bus, "pci"))
			buf_adds(&dev, ",romfile=");
		strv_add(v, "-device");
		strv_take(v, buf_steal(&dev));
	}
}

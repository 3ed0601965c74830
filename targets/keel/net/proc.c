/* SPDX-License-Identifier: Apache-2.0 */
/* The folder /proc/net and limits of the network in /proc/sys. */
#include "fs/proc.h"

#include "lwip/priv/tcp_priv.h"
#include "lwip/raw.h"
#include "lwip/udp.h"

#include "kern/string.h"
#include "net/card.h"
#include "net/config.h"
#include "net/net.h"
#include "net/route.h"
#include "net/tcp_table.h"

enum { ROUTE_UP = 1, ROUTE_GATEWAY = 2 }; /* linux/route.h */

/* As Linux writes numbers here: capital letters, all digits. */
static void add_hex(struct text *t, uint32_t v, unsigned digits)
{
	char s[8];

	for (unsigned i = digits; i--; v >>= 4)
		s[i] = "0123456789ABCDEF"[v & 15];
	text_add_bytes(t, s, digits);
}

/* As Linux prints them: 32-bit words as they lie in memory. */
static void add_address(
	struct text *t, const ip_addr_t *a, unsigned port, bool v6)
{
	const uint32_t zero[4] = {0};
	const uint32_t mapped[4] = {
		0, 0, PP_HTONL(0xffff), IP_IS_V4(a) ? ip_2_ip4(a)->addr : 0};
	const uint32_t *w = zero;

	if (!v6)
		w = IP_IS_V4(a) ? &ip_2_ip4(a)->addr : zero;
	else if (IP_IS_V6(a))
		w = ip_2_ip6(a)->addr;
	else if (IP_IS_V4(a) && mapped[3])
		w = mapped;
	for (unsigned i = 0; i < (v6 ? 4U : 1U); i++)
		add_hex(t, w[i], 8);
	text_add(t, ":");
	add_hex(t, port, 4);
	text_add(t, " ");
}

static bool is_v6(const ip_addr_t *local)
{
	return !IP_IS_V4_VAL(*local);
}

struct lines {
	struct text *t;
	unsigned n;
	bool v6;
};

static void add_line(struct lines *l, const ip_addr_t *local, unsigned lport,
	const ip_addr_t *remote, unsigned rport, unsigned state, unsigned queue)
{
	text_add(l->t, "%4u: ", l->n++);
	add_address(l->t, local, lport, l->v6);
	add_address(l->t, remote, rport, l->v6);
	add_hex(l->t, state, 2);
	text_add(l->t, " ");
	add_hex(l->t, queue, 8);
	text_add(l->t, ":00000000 00:00000000 00000000     0        0 "
		       "0 1 0000000000000000 0\n");
}

/* --- connections --------------------------------------------------------- */

/* lwIP's states, as Linux numbers them. */
static const uint8_t tcp_states[] = {
	[CLOSED] = 7,
	[LISTEN] = 10,
	[SYN_SENT] = 2,
	[SYN_RCVD] = 3,
	[ESTABLISHED] = 1,
	[FIN_WAIT_1] = 4,
	[FIN_WAIT_2] = 5,
	[CLOSE_WAIT] = 8,
	[CLOSING] = 11,
	[LAST_ACK] = 9,
	[TIME_WAIT] = 6,
};

static bool add_tcp(struct tcp_pcb *pcb, void *arg)
{
	struct lines *l = arg;

	if (is_v6(&pcb->local_ip) == l->v6)
		add_line(l, &pcb->local_ip, pcb->local_port, &pcb->remote_ip,
			pcb->remote_port, tcp_states[pcb->state],
			pcb->snd_lbb - pcb->lastack);
	return l->t->failed;
}

static void show_tcp_of(struct text *t, bool v6)
{
	struct lines l = {.t = t, .v6 = v6};
	const struct tcp_pcb_listen *p;

	text_add(t, "  sl  local_address rem_address   st tx_queue rx_queue "
		    "tr tm->when retrnsmt   uid  timeout inode\n");
	net_lock();
	for (p = tcp_listen_pcbs.listen_pcbs; p; p = p->next)
		if (is_v6(&p->local_ip) == v6)
			add_line(&l, &p->local_ip, p->local_port,
				v6 ? IP6_ADDR_ANY : IP4_ADDR_ANY, 0,
				tcp_states[LISTEN], 0);
	net_tcp_find(add_tcp, &l);
	net_unlock();
}

static void show_tcp(struct text *t)
{
	show_tcp_of(t, false);
}

static void show_tcp6(struct text *t)
{
	show_tcp_of(t, true);
}

static void show_udp_of(struct text *t, bool v6)
{
	struct lines l = {.t = t, .v6 = v6};
	const struct udp_pcb *p;

	text_add(t, "   sl  local_address rem_address   st tx_queue rx_queue "
		    "tr tm->when retrnsmt   uid  timeout inode ref pointer "
		    "drops\n");
	net_lock();
	for (p = udp_pcbs; p; p = p->next)
		if (is_v6(&p->local_ip) == v6)
			add_line(&l, &p->local_ip, p->local_port, &p->remote_ip,
				p->remote_port,
				p->flags & UDP_FLAGS_CONNECTED ? 1 : 7, 0);
	net_unlock();
}

static void show_udp(struct text *t)
{
	show_udp_of(t, false);
}

static void show_udp6(struct text *t)
{
	show_udp_of(t, true);
}

/* --- cards and routes ---------------------------------------------------- */

static void show_dev(struct text *t)
{
	struct netif *n;
	char name[16];

	text_add(t,
		"Inter-|   Receive                                            "
		"    |  Transmit\n"
		" face |bytes    packets errs drop fifo frame compressed "
		"multicast|bytes    packets errs drop fifo colls carrier "
		"compressed\n");
	net_lock();
	NETIF_FOREACH(n)
	{
		const struct net_card none = {0}, *c = card_of(n);

		c = c ? c : &none;
		card_name(n, name);
		text_add(t, "%6s: %7lu %7lu    0 %4lu    0     0          0 ",
			name, c->rx_bytes, c->rx_packets, c->rx_dropped);
		text_add(t,
			"        0 %8lu %7lu    0 %4lu    0     0       0 "
			"         0\n",
			c->tx_bytes, c->tx_packets, c->tx_dropped);
	}
	net_unlock();
}

static void add_route(struct text *t, const struct netif *n, uint32_t dst,
	uint32_t gateway, uint32_t mask)
{
	char name[16];

	card_name(n, name);
	text_add(t, "%s\t", name);
	add_hex(t, dst, 8);
	text_add(t, "\t");
	add_hex(t, gateway, 8);
	text_add(t, "\t%04u\t0\t0\t0\t",
		gateway ? ROUTE_UP | ROUTE_GATEWAY : ROUTE_UP);
	add_hex(t, mask, 8);
	text_add(t, "\t0\t0\t0\n");
}

static void show_route(struct text *t)
{
	const struct net_route *r;
	struct netif *n;

	text_add(t, "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\t"
		    "Mask\t\tMTU\tWindow\tIRTT\n");
	net_wait_addresses();
	net_lock();
	for (r = net_routes; r; r = r->next)
		if (IP_IS_V4(&r->dst))
			add_route(t, r->card, ip_2_ip4(&r->dst)->addr,
				ip_2_ip4(&r->gateway)->addr,
				r->prefix ? PP_HTONL(~0U << (32 - r->prefix))
					  : 0);
	NETIF_FOREACH(n)
	{
		uint32_t a = netif_ip4_addr(n)->addr;
		uint32_t mask = netif_ip4_netmask(n)->addr;

		if (!a || !card_of(n))
			continue;
		add_route(t, n, a & mask, 0, mask);
		if (netif_ip4_gw(n)->addr)
			add_route(t, n, 0, netif_ip4_gw(n)->addr, 0);
	}
	net_unlock();
}

static void show_if_inet6(struct text *t)
{
	struct netif *n;
	char name[16];

	net_lock();
	NETIF_FOREACH(n)
	{
		card_name(n, name);
		for (unsigned i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
			const ip6_addr_t *a = netif_ip6_addr(n, i);
			unsigned scope = ip6_addr_islinklocal(a)  ? 0x20
					 : ip6_addr_isloopback(a) ? 0x10
								  : 0;

			if (!ip6_addr_isvalid(netif_ip6_addr_state(n, i)))
				continue;
			for (unsigned w = 0; w < 4; w++)
				text_add(t, "%08x", lwip_ntohl(a->addr[w]));
			text_add(t, " %02x %02x %02x 80 %8s\n",
				netif_get_index(n), scope == 0x10 ? 128 : 64,
				scope, name);
		}
	}
	net_unlock();
}

/* What Linux has there after it asked a DHCP server: /etc/resolv.conf is a
 * link to it when nobody gives another. */
static void show_pnp(struct text *t)
{
	char a[IPADDR_STRLEN_MAX];

	net_wait_addresses();
	net_lock();
	if (*net_domain)
		text_add(t, "domain %s\n", net_domain);
	for (unsigned i = 0; i < NET_DNS_MAX; i++)
		if (!ip_addr_isany(&net_dns[i]))
			text_add(t, "nameserver %s\n",
				ipaddr_ntoa_r(&net_dns[i], a, sizeof(a)));
	net_unlock();
}

static void show_somaxconn(struct text *t)
{
	text_add(t, "4096\n");
}

const struct text_entry proc_net_entries[] = {
	{"net", NULL, NULL, NULL},
	{"net/dev", show_dev, NULL, NULL},
	{"net/if_inet6", show_if_inet6, NULL, NULL},
	{"net/pnp", show_pnp, NULL, NULL},
	{"net/route", show_route, NULL, NULL},
	{"net/tcp", show_tcp, NULL, NULL},
	{"net/tcp6", show_tcp6, NULL, NULL},
	{"net/udp", show_udp, NULL, NULL},
	{"net/udp6", show_udp6, NULL, NULL},
	{"sys/net", NULL, NULL, NULL},
	{"sys/net/core", NULL, NULL, NULL},
	{"sys/net/core/somaxconn", show_somaxconn, NULL, NULL},
};

const unsigned proc_net_count = ARRAY_SIZE(proc_net_entries);

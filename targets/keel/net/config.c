/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and routes of the cards: the boot record, DHCP, SLAAC. */
#include "net/config.h"

#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/nd6.h"
#include "lwip/prot/dhcp.h"

#include <asm/errno.h>

#include "kern/signal.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "kern/string.h"
#include "kern/time.h"
#include "net/card.h"
#include "net/hooks.h"
#include "net/net.h"
#include "net/route.h"
#include "net/timers.h"
#include "sched/waitq.h"

enum {
	WORD_MAX = 128,
	OPTION_DOMAIN = 15, /* RFC 2132 */
	OPTION_MTU = 26,
	OPTION_ROUTES = 121, /* RFC 3442 */
	MTU_MIN = 576,
};

/* From the start of the network; a lease takes some ms. */
#define WAIT_NS (5ULL * 1000000000)

static struct waitq changed;
static uint64_t wait_until; /* 0: there is nothing to wait for */

/* --- one line of the record ---------------------------------------------- */

/* "ADDRESS/PREFIX" at the start of `w`; what is behind it, or NULL. The
 * word is cut on the way. */
static char *parse_prefix(char *w, ip_addr_t *addr, unsigned *prefix)
{
	char *p = strchr(w, '/');
	unsigned max;

	if (!p)
		return NULL;
	*p++ = '\0';
	if (!ipaddr_aton(w, addr) || *p < '0' || *p > '9')
		return NULL;
	max = IP_IS_V6(addr) ? 128 : 32;
	for (*prefix = 0; *p >= '0' && *p <= '9'; p++) {
		*prefix = *prefix * 10 + (unsigned)(*p - '0');
		if (*prefix > max)
			return NULL;
	}
	return p;
}

static int add_address4(struct netif *n, const ip4_addr_t *a, unsigned prefix)
{
	ip4_addr_t mask, none = {0};

	if (!ip4_addr_isany(netif_ip4_addr(n)))
		return -EEXIST; /* lwIP has one a card */
	mask.addr = prefix ? lwip_htonl(~0U << (32 - prefix)) : 0;
	netif_set_addr(n, a, &mask, &none);
	return 0;
}

/* It is used at once: who gave it knows that nobody else has it. */
static int add_address6(struct netif *n, const ip_addr_t *a, unsigned prefix)
{
	ip_addr_t none = *IP6_ADDR_ANY;
	ip6_addr_t addr = *ip_2_ip6(a);
	int8_t i;

	ip6_addr_assign_zone(&addr, IP6_UNICAST, n);
	if (netif_add_ip6_address(n, &addr, &i) != ERR_OK)
		return -ENOSPC;
	netif_ip6_addr_set_state(n, i, IP6_ADDR_PREFERRED);
	return net_route_add(n, a, prefix, &none);
}

static int parse_address(struct netif *n, char *w)
{
	unsigned prefix;
	ip_addr_t a;
	char *end = parse_prefix(w, &a, &prefix);

	if (!end || *end)
		return -EINVAL;
	return IP_IS_V6(&a) ? add_address6(n, &a, prefix)
			    : add_address4(n, ip_2_ip4(&a), prefix);
}

/* lwIP asks for a neighbour only from an address with its first 64 bits. */
static bool can_ask_for(struct netif *n, const ip_addr_t *a)
{
	if (!IP_IS_V6(a) || ip_addr_isany(a) ||
		ip6_addr_islinklocal(ip_2_ip6(a)))
		return true;
	for (unsigned i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
		if (ip6_addr_isvalid(netif_ip6_addr_state(n, i)) &&
			ip6_addr_netcmp_zoneless(
				ip_2_ip6(a), netif_ip6_addr(n, i)))
			return true;
	return false;
}

static int parse_route(struct netif *n, char *w)
{
	ip_addr_t dst, gateway;
	unsigned prefix;
	char *end = parse_prefix(w, &dst, &prefix);

	if (!end)
		return -EINVAL;
	gateway = IP_IS_V6(&dst) ? *IP6_ADDR_ANY : *IP4_ADDR_ANY;
	if (*end == '@' && !ipaddr_aton(end + 1, &gateway))
		return -EINVAL;
	if ((*end && *end != '@') || IP_GET_TYPE(&dst) != IP_GET_TYPE(&gateway))
		return -EINVAL;
	if (!can_ask_for(n, &gateway))
		return -EHOSTUNREACH;
	if (!prefix)
		netif_set_default(n);
	return net_route_add(n, &dst, prefix, &gateway);
}

static int parse_mtu(struct netif *n, const char *w)
{
	unsigned mtu = 0;

	for (; *w >= '0' && *w <= '9' && mtu < UINT16_MAX; w++)
		mtu = mtu * 10 + (unsigned)(*w - '0');
	if (*w || mtu < MTU_MIN)
		return -EINVAL;
	/* Never more than the card's buffers take. */
	n->mtu = n->mtu6 = (uint16_t)MIN(mtu, n->mtu);
	return 0;
}

/* What a record asks for beside addresses. */
struct wishes {
	bool dhcp, slaac;
};

static int parse_word(struct netif *n, char *w, struct wishes *want)
{
	if (!strncmp(w, "addr=", 5))
		return parse_address(n, w + 5);
	if (!strncmp(w, "route=", 6))
		return parse_route(n, w + 6);
	if (!strncmp(w, "mtu=", 4))
		return parse_mtu(n, w + 4);
	if (!strcmp(w, "dhcp"))
		want->dhcp = true;
	else if (!strcmp(w, "noslaac"))
		want->slaac = false;
	else if (strncmp(w, "mac=", 4) != 0)
		return -EINVAL;
	return 0;
}

/* The next word of a record, with a NUL; false: there is none. */
static bool next_word(
	const struct record_item *r, unsigned *off, char word[WORD_MAX])
{
	const char *p = record_data(r);
	unsigned n = 0;

	while (*off < r->len && p[*off] == ' ')
		(*off)++;
	if (*off >= r->len)
		return false;
	for (; *off < r->len && p[*off] != ' '; (*off)++)
		if (n < WORD_MAX - 1)
			word[n++] = p[*off];
	word[n] = '\0';
	return true;
}

static void parse_record(
	struct netif *n, const struct record_item *r, struct wishes *want)
{
	char word[WORD_MAX], copy[WORD_MAX];
	unsigned off = 0;
	int err;

	while (next_word(r, &off, word)) {
		memcpy(copy, word, sizeof(copy));
		err = parse_word(n, word, want);
		if (err)
			kmsg("keel: network: \"%s\": error %d\n", copy, -err);
	}
}

/* --- the card for a record ----------------------------------------------- */

/* xx:xx:xx:xx:xx:xx */
static bool parse_mac(const char *w, uint8_t mac[6])
{
	if (strlen(w) != 17)
		return false;
	memset(mac, 0, 6);
	for (unsigned i = 0; i < 17; i++) {
		unsigned c = (uint8_t)w[i], d = c - '0';

		if (i % 3 == 2)
			continue;
		if (d > 9)
			d = (c | 0x20) - 'a' + 10;
		if (d > 15)
			return false;
		mac[i / 3] = (uint8_t)(mac[i / 3] << 4 | d);
	}
	return true;
}

static bool record_mac(const struct record_item *r, uint8_t mac[6])
{
	char word[WORD_MAX] = "";
	unsigned off = 0;

	while (next_word(r, &off, word))
		if (!strncmp(word, "mac=", 4))
			return parse_mac(word + 4, mac);
	return false;
}

/* The record with this card's mac, else the nth without any. */
static const struct record_item *record_for(
	const struct net_card *c, unsigned nth)
{
	const struct record_item *r = NULL, *found = NULL;
	uint8_t mac[6];

	while ((r = record_next(r, RECORD_NET))) {
		if (record_mac(r, mac)) {
			if (!memcmp(mac, c->mac, sizeof(mac)))
				return r;
		} else if (!nth--) {
			found = r;
		}
	}
	return found;
}

/* --- start --------------------------------------------------------------- */

static void status(struct netif *n)
{
	(void)n;
	waitq_wake(&changed);
}

static void configure(struct net_card *c, unsigned nth)
{
	const struct record_item *r = record_for(c, nth);
	struct wishes want = {.dhcp = !r, .slaac = true};
	struct netif *n = c->netif;

	netif_set_status_callback(n, status);
	if (!netif_default)
		netif_set_default(n);
	/* Index 0: static addresses come after it. */
	netif_create_ip6_linklocal_address(n, 1);
	if (r)
		parse_record(n, r, &want);
	netif_set_ip6_autoconfig_enabled(n, want.slaac);
	netif_set_up(n);
	if (want.dhcp && dhcp_start(n) == ERR_OK)
		wait_until = clock_now() + WAIT_NS;
}

void net_start(void)
{
	struct net_card *c;
	unsigned nth = 0;

	net_lock();
	for (c = net_cards; c; c = c->next)
		configure(c, nth++);
	if (net_cards) {
		nd6_tmr(); /* router solicitations now, not in a second */
		net_timers_start();
	}
	net_unlock();
}

static bool all_bound(void)
{
	struct net_card *c;

	for (c = net_cards; c; c = c->next)
		if (netif_dhcp_data(c->netif) &&
			ip4_addr_isany(netif_ip4_addr(c->netif)))
			return false;
	return true;
}

bool net_is_waiting(void)
{
	return wait_until && !all_bound();
}

void net_wait_addresses(void)
{
	if (!wait_until)
		return;
	if (wait_event(&changed, wait_until, all_bound()) != -ERESTARTSYS)
		wait_until = 0;
}

/* --- what DHCP and routers tell beside addresses ------------------------- */

ip_addr_t net_dns[NET_DNS_MAX];
char net_domain[64];

/* Called by lwIP's DHCP and router discovery. */
void dns_setserver(uint8_t n, const ip_addr_t *server)
{
	if (n < NET_DNS_MAX)
		net_dns[n] = server ? *server : *IP_ADDR_ANY;
}

const ip_addr_t *dns_getserver(uint8_t n)
{
	return n < NET_DNS_MAX ? &net_dns[n] : IP_ADDR_ANY;
}

static void option_routes(struct netif *n, const uint8_t *p, unsigned len)
{
	while (len >= 5) {
		unsigned prefix = p[0], octets = (prefix + 7) / 8;
		ip_addr_t dst = *IP4_ADDR_ANY, gateway = *IP4_ADDR_ANY;

		if (prefix > 32 || len < 1 + octets + 4)
			return;
		memcpy(&ip_2_ip4(&dst)->addr, p + 1, octets);
		memcpy(&ip_2_ip4(&gateway)->addr, p + 1 + octets, 4);
		net_route_add(n, &dst, prefix, &gateway);
		p += 1 + octets + 4;
		len -= 1 + octets + 4;
	}
}

/* A domain that is put into a file must be one. */
static void option_domain(const uint8_t *p, unsigned len)
{
	unsigned i;

	for (i = 0; i < len && i < sizeof(net_domain) - 1; i++) {
		unsigned c = p[i] | 0x20;

		if ((c < 'a' || c > 'z') && (p[i] < '0' || p[i] > '9') &&
			p[i] != '-' && p[i] != '.')
			break;
		net_domain[i] = (char)p[i];
	}
	net_domain[i] = '\0';
}

void net_dhcp_option(struct netif *n, struct dhcp *dhcp, uint8_t state,
	struct dhcp_msg *msg, uint8_t msg_type, uint8_t option, uint8_t len,
	struct pbuf *p, uint16_t offset)
{
	uint8_t data[255];

	(void)dhcp;
	(void)state;
	(void)msg;
	if (msg_type != DHCP_ACK ||
		pbuf_copy_partial(p, data, len, offset) != len)
		return;
	if (option == OPTION_DOMAIN)
		option_domain(data, len);
	else if (option == OPTION_ROUTES)
		option_routes(n, data, len);
	else if (option == OPTION_MTU && len == 2 &&
		 (data[0] << 8 | data[1]) >= MTU_MIN)
		n->mtu = n->mtu6 =
			(uint16_t)MIN(data[0] << 8 | data[1], n->mtu);
}

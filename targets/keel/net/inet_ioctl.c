/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of ioctl(2) on interfaces, as netdevice(7) has them. */
#include <asm/errno.h>
#include <asm/ioctls.h>
#include <linux/sockios.h>

#include "kern/string.h"
#include "mm/uaccess.h"
#include "net/card.h"
#include "net/inet.h"
#include "net/net.h"

enum { NAME_SIZE = 16, HW_LOOPBACK = 772, HW_ETHER = 1 };
enum {
	UP = 0x1,
	BROADCAST = 0x2,
	LOOPBACK = 0x8,
	RUNNING = 0x40,
	MULTICAST = 0x1000
};

struct address4 {
	uint16_t family, port;
	uint32_t ip;
	char zero[8];
};

/* struct ifreq of Linux. */
struct request {
	char name[NAME_SIZE];
	union {
		struct address4 address;
		struct {
			uint16_t family;
			uint8_t mac[14];
		} hardware;
		int16_t flags;
		int32_t number;
		char room[24];
	};
};
_Static_assert(sizeof(struct request) == 40, "struct ifreq");

static struct netif *find(const char *name)
{
	char have[NAME_SIZE];
	struct netif *n;

	NETIF_FOREACH(n)
	{
		card_name(n, have);
		if (!strncmp(have, name, NAME_SIZE))
			return n;
	}
	return NULL;
}

static void put_address(struct request *r, const ip4_addr_t *ip)
{
	memset(&r->address, 0, sizeof(r->address));
	r->address.family = AF_INET;
	r->address.ip = ip->addr;
}

static void put_hardware(struct request *r, const struct netif *n)
{
	memset(&r->hardware, 0, sizeof(r->hardware));
	r->hardware.family = card_of(n) ? HW_ETHER : HW_LOOPBACK;
	if (card_of(n))
		memcpy(r->hardware.mac, n->hwaddr, 6);
}

static int16_t flags_of(const struct netif *n)
{
	int16_t f = card_of(n) ? BROADCAST | MULTICAST : LOOPBACK;

	if (netif_is_up(n))
		f |= UP;
	if (netif_is_up(n) && netif_is_link_up(n))
		f |= RUNNING;
	return f;
}

/* Under net_lock. */
static int answer(struct request *r, unsigned cmd, const struct netif *n)
{
	ip4_addr_t ip;

	switch (cmd) {
	case SIOCGIFADDR:
	case SIOCGIFNETMASK:
	case SIOCGIFBRDADDR:
		if (ip4_addr_isany(netif_ip4_addr(n)))
			return -EADDRNOTAVAIL;
		ip = *netif_ip4_addr(n);
		if (cmd == SIOCGIFNETMASK)
			ip = *netif_ip4_netmask(n);
		if (cmd == SIOCGIFBRDADDR)
			ip.addr =
				card_of(n)
					? ip.addr | ~netif_ip4_netmask(n)->addr
					: 0;
		put_address(r, &ip);
		return 0;
	case SIOCGIFFLAGS:
		r->flags = flags_of(n);
		return 0;
	case SIOCGIFMTU:
		r->number = n->mtu;
		return 0;
	case SIOCGIFINDEX:
		r->number = netif_get_index(n);
		return 0;
	case SIOCGIFHWADDR:
		put_hardware(r, n);
		return 0;
	case SIOCGIFMETRIC:
	case SIOCGIFTXQLEN:
		r->number = 0;
		return 0;
	}
	return -ENOTTY;
}

static long by_index(unsigned long arg)
{
	struct netif *n = NULL;
	struct request r;

	if (copy_from_user(&r, (const void *)arg, sizeof(r)))
		return -EFAULT;
	net_lock();
	if (r.number > 0 && r.number < 256)
		n = netif_get_by_index((uint8_t)r.number);
	if (n) {
		memset(r.name, 0, sizeof(r.name));
		card_name(n, r.name);
	}
	net_unlock();
	if (!n)
		return -ENODEV;
	return copy_to_user((void *)arg, &r, sizeof(r));
}

/* The nth interface with an address of IPv4; false: there is none. */
static bool nth(unsigned want, struct request *r)
{
	unsigned at = 0;
	struct netif *n;

	memset(r, 0, sizeof(*r));
	/* The list has the newest first. */
	for (unsigned index = 1; index < 256; index++) {
		n = netif_get_by_index((uint8_t)index);
		if (!n || ip4_addr_isany(netif_ip4_addr(n)) || at++ != want)
			continue;
		card_name(n, r->name);
		put_address(r, netif_ip4_addr(n));
		return true;
	}
	return false;
}

static long list(unsigned long arg)
{
	struct {
		int len;
		uint64_t buf;
	} conf;
	struct request r;
	unsigned n = 0;
	int room;

	if (copy_from_user(&conf, (const void *)arg, sizeof(conf)))
		return -EFAULT;
	room = conf.len;
	conf.len = 0;
	net_wait_addresses();
	for (;; n++) {
		bool more;

		net_lock();
		more = nth(n, &r);
		net_unlock();
		if (!more || (conf.buf && room - conf.len < (int)sizeof(r)))
			break;
		if (conf.buf && copy_to_user((char *)conf.buf + conf.len, &r,
					sizeof(r)))
			return -EFAULT;
		conf.len += sizeof(r);
	}
	return copy_to_user((void *)arg, &conf, sizeof(conf));
}

long inet_ioctl(unsigned cmd, unsigned long arg)
{
	struct netif *n;
	struct request r;
	long err = -ENODEV;

	switch (cmd) {
	case SIOCGIFCONF:
		return list(arg);
	case SIOCGIFNAME:
		return by_index(arg);
	case SIOCGIFADDR:
	case SIOCGIFNETMASK:
	case SIOCGIFBRDADDR:
	case SIOCGIFFLAGS:
	case SIOCGIFMTU:
	case SIOCGIFINDEX:
	case SIOCGIFHWADDR:
	case SIOCGIFMETRIC:
	case SIOCGIFTXQLEN:
		break;
	default:
		return -ENOTTY;
	}
	if (copy_from_user(&r, (const void *)arg, sizeof(r)))
		return -EFAULT;
	r.name[NAME_SIZE - 1] = 0;
	net_wait_addresses();
	net_lock();
	n = find(r.name);
	if (n)
		err = answer(&r, cmd, n);
	net_unlock();
	return err ? err : copy_to_user((void *)arg, &r, sizeof(r));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP's start, its lock, and the few services that it asks for. */
#include "net/net.h"

#include "lwip/etharp.h"
#include "lwip/igmp.h"
#include "lwip/ip.h"
#include "lwip/mem.h"
#include "lwip/memp.h"
#include "lwip/netif.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/raw.h"
#include "lwip/sys.h"
#include "lwip/udp.h"

#include "drivers/random.h"
#include "drivers/virtio.h"
#include "fs/proc.h"
#include "kern/cmdline.h"
#include "kern/log.h"
#include "kern/string.h"
#include "kern/time.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "net/card.h"
#include "net/tcp_table.h"
#include "net/timers.h"

/* Brings the driver of cards into the kernel. */
extern const struct virtio_driver virtio_net_driver;
const struct virtio_driver *const net_drivers[] = {&virtio_net_driver};

/* And the files that tell of the network, where there are files. */
const struct text_entry *const net_files = proc_net_entries;

static bool locked;

void net_lock(void)
{
	if (locked)
		panic("net_lock is taken twice");
	locked = true;
}

/* What was sent to the machine itself can lead to frames, and to more of
 * its kind: frames last. */
void net_unlock(void)
{
	struct netif *n;

	NETIF_FOREACH(n)
	{
		if (n->loop_first)
			card_loop(n);
	}
	card_flush();
	locked = false;
}

/* Windows and buffers that one connection may come to have: a share of the
 * memory. 7 bits of scale are enough for 8 MiB. */
uint32_t net_tcp_wnd, net_tcp_snd_buf;

static void set_limits(void)
{
	uint64_t share = page_total() * PAGE_SIZE / 16;

	share = MAX(MIN(share, 6UL << 20), 64UL << 10);
	net_tcp_wnd = (uint32_t)share;
	net_tcp_snd_buf = (uint32_t)MIN(share, 1UL << 20);
	net_time_wait_max = (uint32_t)MIN(page_total() / 8, 16384);
}

/* A program with sockets takes its address from there. */
void (*const net_cmdline_links)(void) = cmdline_to_record;

void net_init(void)
{
	struct netif *lo;

	set_limits();
	net_lock();
	mem_init();
	memp_init();
	igmp_init(); /* before the first card */
	netif_init();
	ip_init();
	etharp_init();
	raw_init();
	udp_init();
	tcp_init();
	lo = netif_get_by_index(1);
	lo->mtu = UINT16_MAX;
	lo->mtu6 = UINT16_MAX;
	net_unlock();
}

/* --- services of lwIP's port --------------------------------------------- */

uint32_t sys_now(void)
{
	return (uint32_t)(clock_now() / 1000000);
}

void *net_calloc(size_t n, size_t size)
{
	return kzalloc(n * size);
}

uint32_t net_random(void)
{
	uint32_t v;

	random_bytes(&v, sizeof(v));
	return v;
}

void net_assert(const char *what)
{
	panic("network: %s", what);
}

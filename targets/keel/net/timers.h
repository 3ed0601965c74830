/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP's cyclic timers over one timer of the kernel. */
#ifndef NET_TIMERS_H
#define NET_TIMERS_H

/* A card is in use: ARP, neighbours, reassembly and DHCP have timers from
 * now on; those of TCP run while there are connections. Under net_lock. */
void net_timers_start(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP's connections in a hash table; all under net_lock. */
#ifndef NET_TCP_TABLE_H
#define NET_TCP_TABLE_H

#include "kern/types.h"

struct tcp_pcb;

/* The most connections that wait in TIME-WAIT; the oldest go first. */
extern uint32_t net_time_wait_max;

bool net_tcp_any(void); /* whether there is a connection in any state */

/* Calls `fn` for each connection, not listeners, until it returns true;
 * whether it did. `fn` may not open or close any. */
bool net_tcp_find(bool (*fn)(struct tcp_pcb *pcb, void *arg), void *arg);

/* Something will be done with it: lwIP's timers look at it again. Before it
 * sends; the calls that are given a connection to end do it themselves. */
void net_tcp_busy(struct tcp_pcb *pcb);

#endif

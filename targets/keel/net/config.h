/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, routes and name servers: the boot record, DHCP, SLAAC. */
#ifndef NET_CONFIG_H
#define NET_CONFIG_H

#include "lwip/ip_addr.h"

enum { NET_DNS_MAX = 3 };

/* What DHCP and router advertisements gave; under net_lock. type any:
 * none. */
extern ip_addr_t net_dns[NET_DNS_MAX];
extern char net_domain[64]; /* "" if none */

#endif

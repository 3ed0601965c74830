/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP as keel has it; what each option means is in lwip/opt.h. */
#ifndef NET_LWIPOPTS_H
#define NET_LWIPOPTS_H

#include "kern/types.h"

/* Limits that depend on the machine's memory: net/limits.c. */
extern uint32_t net_tcp_wnd, net_tcp_snd_buf;

/* No threads of its own: one lock (net/net.h), timers by net/timers.c. */
#define NO_SYS               1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_TIMERS          1
#define LWIP_TIMERS_CUSTOM   1
#define LWIP_NETCONN         0
#define LWIP_SOCKET          0
#define LWIP_STATS           0
#ifndef NET_LWIP_ASSERT /* the tests on the host have them */
#define LWIP_NOASSERT 1
#endif

/* Memory: kmalloc, no pools, so that there is no limit but memory. */
#define MEM_LIBC_MALLOC   1
#define MEMP_MEM_MALLOC   1
#define MEM_ALIGNMENT     8
#define mem_clib_malloc   kmalloc
#define mem_clib_calloc   net_calloc
#define mem_clib_free     kfree
#define LWIP_PBUF_REF_T   u16_t
#define PBUF_POOL_BUFSIZE 1536
/* Before each frame there is room for struct virtio_net_hdr. */
#define PBUF_LINK_ENCAPSULATION_HLEN 12
#define LWIP_SUPPORT_CUSTOM_PBUF     1
#define LWIP_NETIF_TX_SINGLE_PBUF    0
#define LWIP_PBUF_CUSTOM_DATA

/* Cards. */
#define LWIP_NETIF_API               0
#define LWIP_NETIF_HOSTNAME          1
#define LWIP_NETIF_LOOPBACK          1
#define LWIP_HAVE_LOOPIF             1
#define LWIP_LOOPIF_MULTICAST        1
#define LWIP_NETIF_STATUS_CALLBACK   1
#define LWIP_NUM_NETIF_CLIENT_DATA   1
#define LWIP_NETIF_HWADDRHINT        1
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1
#define LWIP_CHKSUM                  net_checksum
#define LWIP_CHKSUM_COPY_ALGORITHM   0

/* ARP and neighbours. */
#define ARP_TABLE_SIZE            127
#define ARP_QUEUEING              1
#define ARP_QUEUE_LEN             512
#define LWIP_ND6_QUEUEING         1
#define LWIP_ND6_NUM_NEIGHBORS    64
#define LWIP_ND6_NUM_DESTINATIONS 64
#define LWIP_ND6_NUM_PREFIXES     8
#define LWIP_ND6_NUM_ROUTERS      4
#define MEMP_NUM_ND6_QUEUE        128

/* IP. */
#define LWIP_IPV4                      1
#define LWIP_IPV6                      1
#define LWIP_IPV6_NUM_ADDRESSES        6
#define LWIP_IPV6_SCOPES               1
#define LWIP_IPV6_AUTOCONFIG           1
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS  0
#define LWIP_IPV6_SEND_ROUTER_SOLICIT  1
#define LWIP_IGMP                      1
#define LWIP_IPV6_MLD                  1
#define LWIP_IPV6_DHCP6                0
#define LWIP_ND6_ALLOW_RA_UPDATES      1
#define LWIP_ND6_RDNSS_MAX_DNS_SERVERS 2
#define IP_FORWARD                     0
#define IP_REASSEMBLY                  1
#define IP_FRAG                        1
#define IP_REASS_MAX_PBUFS             512
#define IP_REASS_MAXAGE                30
#define LWIP_IPV6_FRAG                 1
#define LWIP_IPV6_REASS                1
#define IPV6_FRAG_COPYHEADER           1 /* pointers are larger than fields */
#define IP_SOF_BROADCAST               1
#define IP_SOF_BROADCAST_RECV          0
#define LWIP_ICMP                      1
#define LWIP_BROADCAST_PING            0
#define LWIP_MULTICAST_PING            0
#define LWIP_RAW                       1
#define LWIP_MULTICAST_TX_OPTIONS      1
#define IP_DEFAULT_TTL                 64
#define LWIP_ICMP6_HL                  64
#define LWIP_ND6_HOPLIM                255

/* DHCP; name servers come to dns_setserver of net/dhcp.c. */
#define LWIP_DHCP                 1
#define DHCP_DOES_ARP_CHECK       0
#define LWIP_DHCP_DOES_ACD_CHECK  0
#define LWIP_DHCP_CHECK_LINK_UP   0
#define LWIP_DHCP_MAX_DNS_SERVERS 2
#define LWIP_DNS                  1
#define DNS_MAX_SERVERS           2

/* UDP. */
#define LWIP_UDP             1
#define LWIP_UDPLITE         0
#define LWIP_NETBUF_RECVINFO 0

/* TCP. Windows and buffers are per connection, these are where they begin
 * and end: net_tcp_wnd is the most that may be announced (it decides the
 * scale), the socket layer begins with less. */
#define LWIP_TCP 1
#define TCP_TTL  64
/* On loopback, a segment with its headers fits 16 KiB. */
#define TCP_MSS                    16256
#define TCP_CALCULATE_EFF_SEND_MSS 1
#define LWIP_WND_SCALE             1
#define TCP_RCV_SCALE              7
#define TCP_WND                    net_tcp_wnd
#define TCP_SND_BUF                net_tcp_snd_buf
#define TCP_SND_QUEUELEN           0xfff0
#define MEMP_NUM_TCP_SEG           0xfff0
#define TCP_SNDLOWAT               (net_tcp_snd_buf / 2)
#define TCP_SNDQUEUELOWAT          0x8000
#define TCP_WND_UPDATE_THRESHOLD   (8 * 1460U)
#define TCP_OVERSIZE               1460
#define TCP_QUEUE_OOSEQ            1
#define TCP_OOSEQ_MAX_PBUFS        0
#define LWIP_TCP_SACK_OUT          1
#define LWIP_TCP_MAX_SACK_NUM      4
#define LWIP_TCP_TIMESTAMPS        0
#define LWIP_TCP_KEEPALIVE         1
#define LWIP_TCP_PCB_NUM_EXT_ARGS  3
/* lwIP counts a backlog in 8 bits; the socket layer has its own. */
#define TCP_LISTEN_BACKLOG 0
#define SO_REUSE           1
#define SO_REUSE_RXTOALL   1
#define LWIP_CALLBACK_API  1
/* RFC 6298 asks for 1 s at first; then the least is 2 slow ticks of 100 ms. */
#define TCP_TMR_INTERVAL                50
#define LWIP_TCP_RTO_TIME               1000
#define TCP_MAXRTX                      15
#define TCP_SYNMAXRTX                   6
#define TCP_MSL                         30000
#define LWIP_DISABLE_TCP_SANITY_CHECKS  1
#define LWIP_DISABLE_MEMP_SANITY_CHECKS 1

/* What the stack asks of this port. */
#define LWIP_HOOK_FILENAME "net/hooks.h"
#define LWIP_HOOK_TCP_ISN  net_tcp_isn
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, h, n, n1, o2, p) \
	net_tcp_packet(pcb, (p)->tot_len)
#define LWIP_HOOK_IP4_ROUTE_SRC(s, d) net_route4(s, d)
#define LWIP_HOOK_ETHARP_GET_GW(n, d) net_gateway4(n, d)
#define LWIP_HOOK_IP6_ROUTE(s, d)     net_route6(s, d)
#define LWIP_HOOK_ND6_GET_GW(n, d)    net_gateway6(n, d)
#define LWIP_HOOK_DHCP_PARSE_OPTION   net_dhcp_option

#endif

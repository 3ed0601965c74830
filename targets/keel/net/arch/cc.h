/* SPDX-License-Identifier: Apache-2.0 */
/* The compiler and the machine, as lwIP asks for them. */
#ifndef NET_ARCH_CC_H
#define NET_ARCH_CC_H

#include "kern/types.h"

#define BYTE_ORDER         LITTLE_ENDIAN
#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_LIMITS_H   1
#define LWIP_NO_CTYPE_H    1
#define LWIP_NO_UNISTD_H   1
#ifndef INT_MAX
#define INT_MAX 0x7fffffff
#endif
#define SSIZE_MAX INT64_MAX
typedef long ssize_t;
#define X8_F  "02x"
#define U16_F "u"
#define S16_F "d"
#define X16_F "x"
#define U32_F "u"
#define S32_F "d"
#define X32_F "x"
#define SZT_F "lu"

#define LWIP_RAND() net_random()
uint32_t net_random(void);

#define LWIP_PLATFORM_DIAG(x)
#define LWIP_PLATFORM_ASSERT(x) net_assert(x)
noreturn void net_assert(const char *what);

/* Bytes of two are swapped by one instruction. */
#define lwip_htons(x) __builtin_bswap16(x)
#define lwip_htonl(x) __builtin_bswap32(x)

/* Sum over n bytes at p, folded to 16 bits, in network order. */
uint16_t net_checksum(const void *p, int n);

void *kmalloc(size_t size);
void *net_calloc(size_t n, size_t size);
void kfree(void *p);

#endif

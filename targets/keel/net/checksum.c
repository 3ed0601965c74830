/* SPDX-License-Identifier: Apache-2.0 */
/* The Internet checksum (RFC 1071), eight bytes at a time. */
#include "kern/string.h"
#include "net/net.h"

static uint16_t fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)(sum + (sum >> 16));
}

static uint64_t word(const uint8_t *p)
{
	uint64_t v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

/* The halves add up in two sums that cannot overflow: no carries. */
uint16_t net_checksum(const void *data, int n)
{
	const uint8_t *p = data;
	uint64_t low = 0, high = 0;

	for (; n >= 32; n -= 32, p += 32) {
		uint64_t a = word(p), b = word(p + 8);
		uint64_t c = word(p + 16), d = word(p + 24);

		low += (uint32_t)a;
		low += (uint32_t)b;
		low += (uint32_t)c;
		low += (uint32_t)d;
		high += a >> 32;
		high += b >> 32;
		high += c >> 32;
		high += d >> 32;
	}
	for (; n >= 8; n -= 8, p += 8) {
		low += (uint32_t)word(p);
		high += word(p) >> 32;
	}
	if (n & 4) { /* headers are a multiple of this */
		uint32_t v;

		__builtin_memcpy(&v, p, sizeof(v));
		low += v;
		p += 4;
	}
	for (unsigned i = 0; i < (n & 3U); i++)
		low += (uint32_t)p[i] << (8 * i);
	return fold(low + high);
}

/* Under an interpreting machine the string instruction copies so much
 * faster than a loop that a second pass over the data is cheaper. */
uint16_t net_checksum_copy(void *dst, const void *src, unsigned n)
{
	memcpy(dst, src, n);
	return net_checksum(dst, (int)n);
}

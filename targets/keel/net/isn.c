/* SPDX-License-Identifier: Apache-2.0 */
/* Initial sequence numbers of TCP (RFC 6528): SipHash-2-4 of both ends with
 * a secret, plus a clock of 4 us. */
#include "net/hooks.h"

#include "drivers/random.h"
#include "kern/string.h"
#include "kern/time.h"

static uint64_t rotl(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static void round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] = rotl(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] = rotl(v[2], 32);
}

static uint64_t siphash(const uint64_t key[2], const uint64_t *m, unsigned n)
{
	uint64_t v[4] = {key[0] ^ 0x736f6d6570736575,
		key[1] ^ 0x646f72616e646f6d, key[0] ^ 0x6c7967656e657261,
		key[1] ^ 0x7465646279746573};

	for (unsigned i = 0; i <= n; i++) {
		uint64_t w = i < n ? m[i] : (uint64_t)n * 8 << 56;

		v[3] ^= w;
		round(v);
		round(v);
		v[0] ^= w;
	}
	v[2] ^= 0xff;
	for (unsigned i = 0; i < 4; i++)
		round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void put(uint64_t out[2], const ip_addr_t *a)
{
	out[0] = out[1] = 0;
	if (IP_IS_V6(a))
		memcpy(out, ip_2_ip6(a)->addr, 16);
	else
		out[0] = ip_2_ip4(a)->addr;
}

uint32_t net_tcp_isn(const ip_addr_t *local, uint16_t local_port,
	const ip_addr_t *remote, uint16_t remote_port)
{
	static uint64_t key[2];
	uint64_t m[5];

	if (!key[0])
		random_bytes(key, sizeof(key));
	put(m, local);
	put(m + 2, remote);
	m[4] = (uint64_t)local_port << 16 | remote_port;
	return (uint32_t)(siphash(key, m, 5) + clock_now() / 4096);
}

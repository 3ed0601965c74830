/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers of the boot: SipHash-2-4 over what entropy there is. */
#include "kern/boot.h"

/* Aumasson, Bernstein: SipHash, 2012; with a zero key. */
static uint64_t v[4] = {0x736f6d6570736575, 0x646f72616e646f6d,
	0x6c7967656e657261, 0x7465646279746573};

static uint64_t rotl(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static void rounds(uint64_t s[4], int n)
{
	while (n--) {
		s[0] += s[1];
		s[2] += s[3];
		s[1] = rotl(s[1], 13) ^ s[0];
		s[3] = rotl(s[3], 16) ^ s[2];
		s[0] = rotl(s[0], 32) + s[3];
		s[2] += s[1];
		s[1] = rotl(s[1], 17) ^ s[2];
		s[3] = rotl(s[3], 21) ^ s[0];
		s[2] = rotl(s[2], 32);
	}
}

void boot_random_add(uint64_t m)
{
	v[3] ^= m;
	rounds(v, 2);
	v[0] ^= m;
}

uint64_t boot_random(void)
{
	uint64_t s[4] = {v[0], v[1], v[2] ^ 0xff, v[3]};

	rounds(s, 4);
	boot_random_add(1); /* the next number's message is one longer */
	return s[0] ^ s[1] ^ s[2] ^ s[3];
}

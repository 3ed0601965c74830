/* SPDX-License-Identifier: Apache-2.0 */
/* keel's generator: the cipher by its test vector, and how it is used. */
#include "drivers/random.c"

#include "keel-fake.h"

const struct virtio_driver virtio_rng_driver;

static uint64_t seeds;

uint64_t boot_random(void)
{
	return seeds++;
}

static void reset(uint64_t s)
{
	memset(&rng, 0, sizeof(rng));
	seeds = s;
}

/* RFC 8439, A.1, test vectors 1 and 2: an all-zero key, blocks 0 and 1. */
static void test_vector(void)
{
	static const uint32_t first[4] = {
		0xade0b876, 0x903df1a0, 0xe56a5d40, 0x28bd8653};
	static const uint32_t second[4] = {
		0xbee7079f, 0x7a385155, 0x7c97ba98, 0x0d082d73};
	uint32_t key[KEY_WORDS] = {0}, got[BLOCK_WORDS];

	block(key, 0, got);
	CHECK(!memcmp(got, first, sizeof(first)));
	block(key, 1, got);
	CHECK(!memcmp(got, second, sizeof(second)));
}

static void follows_the_seed(void)
{
	uint8_t a[100], b[100];

	reset(1);
	random_bytes(a, sizeof(a));
	reset(1);
	random_bytes(b, sizeof(b));
	CHECK(!memcmp(a, b, sizeof(a)));
	reset(2);
	random_bytes(b, sizeof(b));
	CHECK(memcmp(a, b, 16));
}

static void never_twice(void)
{
	static uint64_t seen[4096];

	reset(1);
	for (unsigned i = 0; i < 4096; i++) {
		random_bytes(&seen[i], 8);
		for (unsigned k = 0; k < i; k++)
			CHECK(seen[k] != seen[i]);
	}
}

static void key_is_erased(void)
{
	uint32_t before[KEY_WORDS], out[8];

	reset(1);
	random_bytes(out, sizeof(out));
	memcpy(before, rng.key, sizeof(before));
	random_bytes(out, sizeof(out));
	CHECK(memcmp(before, rng.key, sizeof(before)));
	CHECK(memcmp(out, rng.key, sizeof(out)));
}

static void more_entropy_counts(void)
{
	uint8_t a[32], b[32];

	reset(1);
	random_add("x", 1);
	random_bytes(a, sizeof(a));
	reset(1);
	random_add("y", 1);
	random_bytes(b, sizeof(b));
	CHECK(memcmp(a, b, sizeof(a)));
}

static void all_sizes(void)
{
	uint8_t buf[1000];

	for (unsigned n = 0; n < 900; n++) {
		memset(buf, 0xee, sizeof(buf));
		random_bytes(buf + 16, n);
		for (unsigned i = 0; i < 16; i++)
			CHECK(buf[i] == 0xee && buf[16 + n + i] == 0xee);
	}
}

static void bits_are_even(void)
{
	static uint8_t buf[1 << 16];
	unsigned ones = 0;

	random_bytes(buf, sizeof(buf));
	for (unsigned i = 0; i < sizeof(buf); i++)
		ones += __builtin_popcount(buf[i]);
	/* 8 sigma of 2^19 fair bits is 2896. */
	CHECK(ones > (1 << 18) - 2896 && ones < (1 << 18) + 2896);
}

int main(void)
{
	static const struct fake_test tests[] = {
		{"ChaCha20 gives the vectors of RFC 8439", test_vector},
		{"output follows the seed", follows_the_seed},
		{"no number comes twice", never_twice},
		{"the key is replaced at each call", key_is_erased},
		{"entropy that comes later counts", more_entropy_counts},
		{"writes just what is asked for", all_sizes},
		{"ones and zeros are even", bits_are_even},
	};

	return fake_run(tests, sizeof(tests) / sizeof(tests[0]));
}

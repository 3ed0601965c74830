/* SPDX-License-Identifier: Apache-2.0 */
/* A ChaCha20 generator with fast key erasure (RFC 8439, 2.3). */
#include "drivers/random.h"

#include "drivers/virtio.h"
#include "kern/boot.h"
#include "kern/string.h"
#include "sched/waitq.h"

enum { KEY_WORDS = 8, BLOCK_WORDS = 16, BLOCK = 64 };

/* Who wants random numbers wants the device, if the machine has one. */
extern const struct virtio_driver virtio_rng_driver;
const struct virtio_driver *const random_drivers[] = {&virtio_rng_driver};

static struct {
	struct spinlock lock;
	/* All below are under lock. */
	uint32_t key[KEY_WORDS];
	bool seeded;
} rng;

static uint32_t rotate(uint32_t v, unsigned n)
{
	return v << n | v >> (32 - n);
}

static void quarter(uint32_t *x, unsigned a, unsigned b, unsigned c, unsigned d)
{
	x[a] += x[b];
	x[d] = rotate(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rotate(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rotate(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rotate(x[b] ^ x[c], 7);
}

/* Block `n` of the key stream; the nonce is always 0, as keys are used once. */
static void block(
	const uint32_t key[KEY_WORDS], uint32_t n, uint32_t out[BLOCK_WORDS])
{
	uint32_t in[BLOCK_WORDS] = {
		0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
	unsigned i;

	memcpy(in + 4, key, KEY_WORDS * sizeof(*key));
	in[12] = n;
	memcpy(out, in, BLOCK);
	for (i = 0; i < 10; i++) {
		quarter(out, 0, 4, 8, 12);
		quarter(out, 1, 5, 9, 13);
		quarter(out, 2, 6, 10, 14);
		quarter(out, 3, 7, 11, 15);
		quarter(out, 0, 5, 10, 15);
		quarter(out, 1, 6, 11, 12);
		quarter(out, 2, 7, 8, 13);
		quarter(out, 3, 4, 9, 14);
	}
	for (i = 0; i < BLOCK_WORDS; i++)
		out[i] += in[i];
}

/* With the lock. Block 0 of a key makes the next key, and nothing else. */
static void next_key(void)
{
	uint32_t out[BLOCK_WORDS];

	block(rng.key, 0, out);
	memcpy(rng.key, out, sizeof(rng.key));
}

/* With the lock. */
static void seed(void)
{
	unsigned i;

	for (i = 0; i < KEY_WORDS; i += 2) {
		uint64_t v = boot_random();

		rng.key[i] ^= v;
		rng.key[i + 1] ^= v >> 32;
	}
	rng.seeded = true;
}

void random_add(const void *p, size_t n)
{
	const uint8_t *from = p;
	uint64_t irq = spin_lock(&rng.lock);
	uint8_t *key = (uint8_t *)rng.key;
	size_t i;

	if (!rng.seeded)
		seed();
	while (n) {
		for (i = 0; i < sizeof(rng.key) && n; i++, n--)
			key[i] ^= *from++;
		next_key();
	}
	spin_unlock(&rng.lock, irq);
}

static void wipe(volatile uint32_t *words, size_t n)
{
	while (n--)
		words[n] = 0;
}

void random_bytes(void *p, size_t n)
{
	uint32_t key[KEY_WORDS], out[BLOCK_WORDS], i;
	uint8_t *to = p;
	uint64_t irq = spin_lock(&rng.lock);
	size_t part;

	/* This call's key, and another that tells nothing of it. */
	if (!rng.seeded)
		seed();
	block(rng.key, 1, out);
	memcpy(key, out, sizeof(key));
	next_key();
	spin_unlock(&rng.lock, irq);
	for (i = 0; n; i++, to += part, n -= part) {
		block(key, i, out);
		part = MIN(n, (size_t)BLOCK);
		memcpy(to, out, part);
	}
	wipe(out, BLOCK_WORDS);
	wipe(key, KEY_WORDS);
}

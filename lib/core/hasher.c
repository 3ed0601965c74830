/* SPDX-License-Identifier: Apache-2.0 */
/* The SHA-256 of a stream, by a thread of its own beside the caller's. */
#include "core/hasher.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

enum { BLOCK = 128 * 1024, NBLOCKS = 8, LONG = 1024 * 1024 };

struct block {
	size_t n;
	unsigned char *p; /* BLOCK bytes */
};

struct hasher {
	struct digest d;   /* the caller's until the thread runs */
	uint64_t inline_n; /* hashed by the caller */
	int alone;         /* there is no thread, and will be none */
	int running;
	pthread_t thread;
	struct block ring[NBLOCKS];
	size_t filled; /* block that the caller fills, by its count */
	pthread_mutex_t lock;
	pthread_cond_t moved;
	/* under the lock: counts of blocks, and the end */
	size_t given, done;
	int ended;
};

static int has_one_cpu(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 &&
	       CPU_COUNT(&set) < 2;
}

struct hasher *hasher_new(void)
{
	struct hasher *h = xcalloc(1, sizeof(*h));

	digest_init(&h->d);
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->moved, NULL);
	h->alone = has_one_cpu();
	return h;
}

static void *work(void *arg)
{
	struct hasher *h = arg;

	pthread_mutex_lock(&h->lock);
	for (;;) {
		const struct block *b = &h->ring[h->done % NBLOCKS];

		while (h->given == h->done && !h->ended)
			pthread_cond_wait(&h->moved, &h->lock);
		if (h->given == h->done)
			break;
		pthread_mutex_unlock(&h->lock);
		digest_add(&h->d, b->p, b->n);
		pthread_mutex_lock(&h->lock);
		h->done++;
		pthread_cond_signal(&h->moved);
	}
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

/* The signals of this process are the caller's. */
static void start(struct hasher *h)
{
	sigset_t all, old;

	for (size_t i = 0; i < NBLOCKS; i++)
		h->ring[i].p = xmalloc(BLOCK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	h->running = pthread_create(&h->thread, NULL, work, h) == 0;
	h->alone = !h->running;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* Hands the block that was filled over, and waits for a free one. */
static void give(struct hasher *h)
{
	pthread_mutex_lock(&h->lock);
	h->given = ++h->filled;
	pthread_cond_signal(&h->moved);
	while (h->given - h->done == NBLOCKS)
		pthread_cond_wait(&h->moved, &h->lock);
	pthread_mutex_unlock(&h->lock);
	h->ring[h->filled % NBLOCKS].n = 0;
}

void hasher_add(struct hasher *h, const void *p, size_t n)
{
	const unsigned char *from = p;

	if (!h->running && !h->alone && h->inline_n >= LONG)
		start(h);
	if (!h->running) {
		digest_add(&h->d, from, n);
		h->inline_n += n;
		return;
	}
	while (n) {
		struct block *b = &h->ring[h->filled % NBLOCKS];
		size_t part = n < BLOCK - b->n ? n : BLOCK - b->n;

		memcpy(b->p + b->n, from, part);
		b->n += part;
		from += part;
		n -= part;
		if (b->n == BLOCK)
			give(h);
	}
}

static void stop(struct hasher *h)
{
	if (!h->running)
		return;
	pthread_mutex_lock(&h->lock);
	h->ended = 1;
	pthread_cond_signal(&h->moved);
	pthread_mutex_unlock(&h->lock);
	pthread_join(h->thread, NULL);
	h->running = 0;
}

struct digest_hex hasher_end(struct hasher *h)
{
	struct block *last = &h->ring[h->filled % NBLOCKS];

	stop(h);
	if (last->n)
		digest_add(&h->d, last->p, last->n);
	last->n = 0;
	h->alone = 1;
	return digest_end(&h->d);
}

void hasher_free(struct hasher *h)
{
	if (!h)
		return;
	stop(h);
	for (size_t i = 0; i < NBLOCKS; i++)
		free(h->ring[i].p);
	pthread_cond_destroy(&h->moved);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* futex: each operation, its numbers and its errors. */
#include "file-tap.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

enum { THREADS = 6, SHORT_NS = 10000000 };

static uint32_t word, other;
static int waiting;

static long futex(uint32_t *at, int op, uint32_t v, const struct timespec *t,
	uint32_t *at2, uint32_t v3)
{
	return syscall(SYS_futex, at, op, v, t, at2, v3);
}

#define COUNT(n) ((const struct timespec *)(uintptr_t)(n))

struct waiter {
	uint32_t *at;
	int op;
	uint32_t bits;
};

static void *wait_for(void *arg)
{
	const struct waiter *w = arg;
	long r;

	__atomic_fetch_add(&waiting, 1, __ATOMIC_SEQ_CST);
	do
		r = futex(w->at, w->op, 0, NULL, NULL, w->bits);
	while (r && errno == EINTR);
	__atomic_fetch_sub(&waiting, 1, __ATOMIC_SEQ_CST);
	return (void *)(r ? (long)errno : 0);
}

static pthread_t thread[THREADS];

/* Until all of them sleep: then a wake of none finds them by requeueing each
 * to where it is. */
static void begin(const struct waiter *w, int n, int each)
{
	struct timespec moment = {0, 1000000};
	int sleeping = 0;

	for (int i = 0; i < n; i++)
		pthread_create(&thread[i], NULL, wait_for,
			(void *)(uintptr_t)&w[each ? i : 0]);
	while (sleeping < n) {
		nanosleep(&moment, NULL);
		sleeping = 0;
		for (int i = 0; i < (each ? n : 1); i++)
			sleeping += (int)futex(w[i].at,
				FUTEX_REQUEUE | (w[i].op & FUTEX_PRIVATE_FLAG),
				0, COUNT(n), w[i].at, 0);
		if (each)
			sleeping /= n;
	}
}

static void finish(int n)
{
	long bad = 0;

	for (int i = 0; i < n; i++) {
		void *r;

		pthread_join(thread[i], &r);
		bad += r != NULL;
	}
	CALL(bad);
}

static void errors(void)
{
	struct timespec t = {0, SHORT_NS}, wrong = {0, 1000000000};
	char *bytes = (char *)&word;

	word = 1;
	CALL(futex(&word, FUTEX_WAIT, 0, NULL, NULL, 0));
	CALL(futex(&word, FUTEX_WAIT_PRIVATE, 0, &t, NULL, 0));
	CALL(futex(&word, FUTEX_WAIT_PRIVATE, 1, &t, NULL, 0));
	CALL(futex(&word, FUTEX_WAIT, 1, &t, NULL, 0));
	CALL(futex(&word, FUTEX_WAIT_PRIVATE, 1, &wrong, NULL, 0));
	CALL(futex(&word, FUTEX_WAIT_BITSET, 1, NULL, NULL, 0));
	CALL(futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
	CALL(futex((void *)(bytes + 1), FUTEX_WAIT_PRIVATE, 1, &t, NULL, 0));
	CALL(futex((void *)(bytes + 2), FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	CALL(futex((void *)4096, FUTEX_WAIT_PRIVATE, 1, &t, NULL, 0));
	CALL(futex((void *)4096, FUTEX_WAKE, 1, NULL, NULL, 0));
	CALL(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	CALL(futex(&word, FUTEX_WAKE_PRIVATE | FUTEX_CLOCK_REALTIME, 1, NULL,
		NULL, 0));
	CALL(futex(&word, 99, 1, NULL, NULL, 0));
	CALL(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, COUNT(1), &other, 7));
	CALL(futex(&word, FUTEX_REQUEUE_PRIVATE, -1, COUNT(1), &other, 0));
	for (int clock = 0; clock < 2; clock++) {
		int op = FUTEX_WAIT_BITSET_PRIVATE;

		if (!clock)
			op |= FUTEX_CLOCK_REALTIME;
		clock_gettime(clock ? CLOCK_MONOTONIC : CLOCK_REALTIME, &t);
		t.tv_nsec += SHORT_NS;
		if (t.tv_nsec >= 1000000000) {
			t.tv_nsec -= 1000000000;
			t.tv_sec++;
		}
		CALL(futex(&word, op, 1, &t, NULL, 1));
		t.tv_sec = 0;
		CALL(futex(&word, op, 1, &t, NULL, 1));
		CALL(futex(&word, op, 2, &t, NULL, 1));
	}
}

static void wakes(void)
{
	struct waiter w = {&word, FUTEX_WAIT_PRIVATE, 0};
	struct waiter bits[3] = {
		{&word, FUTEX_WAIT_BITSET_PRIVATE, 1},
		{&word, FUTEX_WAIT_BITSET_PRIVATE, 2},
		{&word, FUTEX_WAIT_BITSET_PRIVATE, 3},
	};

	word = 0;
	begin(&w, THREADS, 0);
	CALL(futex(&word, FUTEX_WAKE_PRIVATE, 2, NULL, NULL, 0));
	CALL(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	CALL(futex(&word, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0));
	finish(THREADS);
	begin(bits, 3, 1);
	CALL(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, 4));
	CALL(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, 2));
	CALL(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, ~0u));
	finish(3);
}

static void requeues(void)
{
	struct waiter w = {&word, FUTEX_WAIT_PRIVATE, 0};

	word = 0;
	begin(&w, THREADS, 0);
	CALL(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, COUNT(3), &other, 0));
	CALL(futex(&other, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0));
	CALL(futex(&word, FUTEX_REQUEUE_PRIVATE, 0, COUNT(1), &other, 0));
	CALL(futex(&word, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0));
	CALL(futex(&other, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0));
	finish(THREADS);
}

static void wake_ops(void)
{
	struct waiter w[2] = {
		{&word, FUTEX_WAIT_PRIVATE, 0},
		{&other, FUTEX_WAIT_PRIVATE, 0},
	};
	static const uint32_t codes[] = {
		FUTEX_OP(FUTEX_OP_SET, 5, FUTEX_OP_CMP_EQ, 0),
		FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_LT, 0),
		FUTEX_OP(FUTEX_OP_OR, 0x18, FUTEX_OP_CMP_GE, 8),
		FUTEX_OP(FUTEX_OP_ANDN, 0x8, FUTEX_OP_CMP_NE, 1),
		FUTEX_OP(FUTEX_OP_XOR, 0xff, FUTEX_OP_CMP_GT, 0),
		FUTEX_OP(FUTEX_OP_ADD, -1, FUTEX_OP_CMP_LE, -1),
		FUTEX_OP(FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT, 4,
			FUTEX_OP_CMP_EQ, 0),
		FUTEX_OP(7, 4, FUTEX_OP_CMP_EQ, 0),
		FUTEX_OP(FUTEX_OP_SET, 1, 9, 0),
	};

	other = word = 0;
	for (unsigned i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		CALL(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, COUNT(1), &other,
			codes[i]));
		CALL(other);
	}
	other = word = 0;
	begin(&w[0], 1, 0);
	CALL(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, COUNT(1), &other,
		FUTEX_OP(FUTEX_OP_SET, 1, FUTEX_OP_CMP_NE, 0)));
	finish(1);
	other = 0;
	begin(&w[1], 1, 0);
	CALL(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, COUNT(1), &other,
		FUTEX_OP(FUTEX_OP_SET, 1, FUTEX_OP_CMP_EQ, 0)));
	finish(1);
}

/* The same word of a file at two addresses. */
static void shared(void)
{
	char name[] = "futex-XXXXXX";
	int fd = mkstemp(name);
	struct waiter w = {NULL, FUTEX_WAIT, 0};
	uint32_t *a, *b;

	CALL(ftruncate(fd, 8192));
	a = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	b = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
	w.at = a + 1024 + 3;
	begin(&w, 3, 0);
	CALL(futex(b + 4, FUTEX_WAKE, 9, NULL, NULL, 0));
	CALL(futex(a + 3, FUTEX_WAKE, 9, NULL, NULL, 0));
	CALL(futex(b + 3, FUTEX_WAKE, 2, NULL, NULL, 0));
	CALL(futex(b + 3, FUTEX_WAKE, 9, NULL, NULL, 0));
	finish(3);
	unlink(name);
}

int main(void)
{
	errors();
	wakes();
	requeues();
	wake_ops();
	shared();
	return tap_done();
}

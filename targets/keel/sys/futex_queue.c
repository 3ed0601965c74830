/* SPDX-License-Identifier: Apache-2.0 */
/* futex between threads. */
#include "kern/signal.h"
#include "kern/time.h"
#include "mm/uaccess.h"
#include "mm/vma.h"
#include "sched/thread.h"
#include "sched/waitq.h"
#include "sys/futex.h"
#include "sys/proto.h"
#include "sys/time.h"

#include <linux/errno.h>
#include <linux/futex.h>
#include <linux/time.h>

enum { BUCKET_BITS = 7, BUCKETS = 1 << BUCKET_BITS };

/* A word of the program: by its address, or by its place in a file that is
 * mapped shared, perhaps at several addresses. */
struct key {
	const struct inode *file; /* NULL: by address */
	uint64_t at;
};

struct waiter {
	struct waitq_entry entry;
	struct key key;
	uint32_t bits;
	bool woken; /* and no longer in a bucket */
};

/*
 * Only threads come here, no interrupts, and keel is not preempted: what
 * does not sleep, like from the look at the word until the waiter is in the
 * queue, is one step for all others.
 */
static struct waitq buckets[BUCKETS];

static struct waitq *bucket(const struct key *k)
{
	uint64_t h = ((uint64_t)k->file ^ k->at) * 0x9e3779b97f4a7c15;

	return &buckets[h >> (64 - BUCKET_BITS)];
}

static int get_key(long va, bool shared, struct key *k)
{
	*k = (struct key){.at = va};
	if (va & 3)
		return -EINVAL;
	if (shared)
		k->file = vma_shared_file(va, &k->at);
	return 0;
}

static struct waiter *match(struct waitq_entry *e, const struct key *k)
{
	struct waiter *w = container_of(e, struct waiter, entry);

	return w->key.at == k->at && w->key.file == k->file ? w : NULL;
}

/* At least one if there is any, as on Linux. */
static int wake(const struct key *k, int n, uint32_t bits)
{
	struct waitq *q = bucket(k);
	struct waitq_entry *e, *next;
	int done = 0;

	for (e = q->first; e; e = next) {
		struct waiter *w = match(e, k);

		next = e->next;
		if (!w || !(w->bits & bits))
			continue;
		waitq_remove(q, e);
		w->woken = true;
		thread_wake(e->thread);
		if (++done >= n)
			break;
	}
	return done;
}

static int requeue(
	const struct key *from, const struct key *to, int nwake, int nmove)
{
	struct waitq *q = bucket(from);
	struct waitq_entry *e, *next;
	int done = nwake ? wake(from, nwake, FUTEX_BITSET_MATCH_ANY) : 0;

	for (e = q->first; e && nmove; e = next) {
		struct waiter *w = match(e, from);

		next = e->next;
		if (!w)
			continue;
		if (from->at != to->at || from->file != to->file) {
			waitq_remove(q, e);
			w->key = *to;
			waitq_add(bucket(to), e);
		}
		done++;
		nmove--;
	}
	return done;
}

/* Once; the clock of the day may be set while it sleeps. */
static int sleep(int clock, uint64_t until)
{
	uint64_t now;
	int err;

	if (until == NEVER)
		return waitq_sleep_ever();
	if (clock == CLOCK_MONOTONIC)
		return waitq_sleep(until);
	now = clock_realtime();
	if (now >= until)
		return -ETIMEDOUT;
	err = waitq_sleep(time_add(clock_now(), until - now));
	return err == -ETIMEDOUT ? 0 : err;
}

static int wait(long va, const struct key *k, uint32_t value, uint32_t bits,
	int clock, uint64_t until)
{
	struct waiter w = {.key = *k, .bits = bits};
	uint32_t is;
	int err;

	if (copy_from_user(&is, (const void *)va, sizeof(is)))
		return -EFAULT;
	if (is != value)
		return -EAGAIN;
	w.entry.thread = thread_this();
	waitq_add(bucket(k), &w.entry);
	do
		err = sleep(clock, until);
	while (!err && !w.woken);
	if (w.woken)
		return 0;
	waitq_remove(bucket(&w.key), &w.entry);
	return err;
}

/* A relative wait goes on after a stop: `where` has the flag in bit 0. */
static long wait_rest(uint64_t where, uint64_t value, uint64_t until)
{
	long va = (long)(where & ~3UL);
	struct key k;
	int err = get_key(va, !(where & 1), &k);

	if (!err)
		err = wait(va, &k, value, FUTEX_BITSET_MATCH_ANY,
			CLOCK_MONOTONIC, until);
	if (err == -ERESTARTSYS && until != NEVER)
		return signal_restart_with(wait_rest, where, value, until);
	return err;
}

/* The operation of FUTEX_WAKE_OP on a word that was `v`. */
static int change(uint32_t code, uint32_t v, uint32_t *to)
{
	uint32_t arg = (uint32_t)((int32_t)(code << 8) >> 20);

	if (code >> 28 & FUTEX_OP_OPARG_SHIFT)
		arg = 1u << (arg & 31);
	switch (code >> 28 & 7) {
	case FUTEX_OP_SET:
		*to = arg;
		return 0;
	case FUTEX_OP_ADD:
		*to = v + arg;
		return 0;
	case FUTEX_OP_OR:
		*to = v | arg;
		return 0;
	case FUTEX_OP_ANDN:
		*to = v & ~arg;
		return 0;
	case FUTEX_OP_XOR:
		*to = v ^ arg;
		return 0;
	}
	return -ENOSYS;
}

/* Its comparison: 0, 1, or -ENOSYS. */
static int compare(uint32_t code, int32_t v)
{
	int32_t arg = (int32_t)(code << 20) >> 20;

	switch (code >> 24 & 15) {
	case FUTEX_OP_CMP_EQ:
		return v == arg;
	case FUTEX_OP_CMP_NE:
		return v != arg;
	case FUTEX_OP_CMP_LT:
		return v < arg;
	case FUTEX_OP_CMP_LE:
		return v <= arg;
	case FUTEX_OP_CMP_GT:
		return v > arg;
	case FUTEX_OP_CMP_GE:
		return v >= arg;
	}
	return -ENOSYS;
}

static int wake_op(const struct key *a, long b_va, const struct key *b, int na,
	int nb, uint32_t code)
{
	uint32_t *word = (uint32_t *)b_va, was, seen, to;
	int err, more, done;

	if (copy_from_user(&was, word, sizeof(was)))
		return -EFAULT;
	do {
		err = change(code, was, &to);
		if (err)
			return err;
		seen = was;
		if (swap_user(word, &was, to))
			return -EFAULT;
	} while (was != seen);
	more = compare(code, (int32_t)was);
	if (more < 0)
		return more;
	done = wake(a, na, FUTEX_BITSET_MATCH_ANY);
	return more ? done + wake(b, nb, FUTEX_BITSET_MATCH_ANY) : done;
}

static int get_until(long timeout, bool absolute, uint64_t *until)
{
	uint64_t ns;
	int err;

	*until = NEVER;
	if (!timeout)
		return 0;
	err = get_timespec(timeout, &ns);
	if (!err)
		*until = absolute ? ns : time_add(clock_now(), ns);
	return err;
}

static long call_wait(
	long va, long op, uint32_t value, long timeout, uint32_t bits)
{
	int cmd = op & FUTEX_CMD_MASK;
	int clock =
		op & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
	uint64_t until;
	struct key k;
	int err = get_until(timeout, cmd == FUTEX_WAIT_BITSET, &until);

	if (!err && !bits)
		err = -EINVAL;
	if (!err)
		err = get_key(va, !(op & FUTEX_PRIVATE_FLAG), &k);
	if (err)
		return err;
	if (cmd == FUTEX_WAIT)
		return wait_rest(
			va | !!(op & FUTEX_PRIVATE_FLAG), value, until);
	err = wait(va, &k, value, bits, clock, until);
	return err == -ERESTARTSYS && timeout ? -ERESTARTNOHAND : err;
}

static long call_wake(long va, long op, int n, uint32_t bits)
{
	struct key k;
	uint32_t is;
	int err;

	if (!bits)
		return -EINVAL;
	err = get_key(va, !(op & FUTEX_PRIVATE_FLAG), &k);
	/* Linux needs no memory there for a private one. */
	if (!err && !(op & FUTEX_PRIVATE_FLAG) &&
		copy_from_user(&is, (const void *)va, sizeof(is)))
		err = -EFAULT;
	return err ? err : wake(&k, n, bits);
}

static long call_two(
	long va, long op, long value, int n2, long va2, uint32_t value3)
{
	bool shared = !(op & FUTEX_PRIVATE_FLAG);
	int cmd = op & FUTEX_CMD_MASK, n = (int)value, err;
	struct key a, b;
	uint32_t is;

	if (cmd != FUTEX_WAKE_OP && (n < 0 || n2 < 0))
		return -EINVAL;
	err = get_key(va, shared, &a);
	if (!err)
		err = get_key(va2, shared, &b);
	if (err)
		return err;
	if (cmd == FUTEX_WAKE_OP)
		return wake_op(&a, va2, &b, n, n2, value3);
	if (cmd == FUTEX_CMP_REQUEUE) {
		if (copy_from_user(&is, (const void *)va, sizeof(is)))
			return -EFAULT;
		if (is != value3)
			return -EAGAIN;
	}
	return requeue(&a, &b, n, n2);
}

long do_futex(
	long uaddr, long op, long value, long timeout, long uaddr2, long value3)
{
	int cmd = op & FUTEX_CMD_MASK;

	if (op & FUTEX_CLOCK_REALTIME && cmd != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (cmd) {
	case FUTEX_WAIT:
		return call_wait(
			uaddr, op, value, timeout, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAIT_BITSET:
		return call_wait(uaddr, op, value, timeout, value3);
	case FUTEX_WAKE:
		return call_wake(uaddr, op, value, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAKE_BITSET:
		return call_wake(uaddr, op, value, value3);
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
	case FUTEX_WAKE_OP:
		return call_two(uaddr, op, value, timeout, uaddr2, value3);
	}
	return -ENOSYS;
}

int futex_wake(uint64_t va, int n)
{
	struct key k;

	if (get_key(va, true, &k))
		return 0;
	return wake(&k, n, FUTEX_BITSET_MATCH_ANY);
}

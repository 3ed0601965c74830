/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for files: poll, select and their kin. */
#include <asm/errno.h>
#include <linux/poll.h>
#include <linux/time_types.h>

#include "fs/file.h"
#include "kern/signal.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"
#include "sys/proto.h"
#include "sys/time.h"
#include "sys/wait.h"

struct item {
	struct file *file; /* with a reference; NULL: not open, or ignored */
	struct waitq *q;   /* NULL: it never changes */
	struct waitq_entry entry;
	unsigned wanted, ready;
	int fd;
	bool hangs; /* entry, on q */
};

enum { FEW = 6 }; /* items without memory of their own */

static struct item *items_new(struct item few[FEW], uint64_t n)
{
	if (n > FEW)
		return kzalloc(n * sizeof(*few));
	memset(few, 0, n * sizeof(*few));
	return few;
}

static void items_free(struct item *item, const struct item *few, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		file_put(item[i].file);
	if (item != few)
		kfree(item);
}

static int ask_all(struct item *item, unsigned n)
{
	int count = 0;

	for (struct item *i = item; i < item + n; i++) {
		/* Who has no such question is always ready (regular files). */
		unsigned now = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

		if (i->file && i->file->ops->poll)
			now = i->file->ops->poll(i->file, &i->q);
		if (i->file)
			i->ready = now & (i->wanted | POLLERR | POLLHUP);
		count += i->ready != 0;
	}
	return count;
}

static void hang(struct item *i)
{
	if (i->q)
		waitq_prepare_for(
			i->q, &i->entry, i->wanted | POLLERR | POLLHUP);
	i->hangs = i->q;
}

/* The number of items that are ready; 0 after the deadline;
 * -ERESTARTSYS. */
static int wait_items(struct item *item, unsigned n, uint64_t deadline)
{
	int count = ask_all(item, n), err = 0;

	if (count || deadline == WAIT_NOT)
		return count;
	for (unsigned i = 0; i < n; i++)
		hang(&item[i]);
	for (;;) {
		count = ask_all(item, n);
		if (count || err)
			break;
		err = waitq_sleep(deadline);
	}
	for (unsigned i = 0; i < n; i++)
		if (item[i].hangs)
			waitq_finish(item[i].q, &item[i].entry);
	return count || err == -ETIMEDOUT ? count : err;
}

/* Fills in the items, waits, and gives the answers to the program. */
static long poll_items(
	struct item *item, struct pollfd *ufds, unsigned n, uint64_t deadline)
{
	long r;

	for (unsigned i = 0; i < n; i++) {
		struct pollfd p;

		if (copy_from_user(&p, &ufds[i], sizeof(p)))
			return -EFAULT;
		item[i].wanted = (uint16_t)p.events;
		if (p.fd < 0)
			continue;
		item[i].file = fd_get(p.fd);
		if (!item[i].file)
			item[i].ready = POLLNVAL;
	}
	r = wait_items(item, n, deadline);
	for (unsigned i = 0; i < n && r >= 0; i++) {
		short ready = (short)item[i].ready;

		if (copy_to_user(&ufds[i].revents, &ready, sizeof(ready)))
			r = -EFAULT;
	}
	return r;
}

static long poll_until(long ufds, uint64_t n, uint64_t deadline)
{
	struct item few[FEW], *item;
	long r;

	if (n > fd_limit)
		return -EINVAL;
	item = items_new(few, n);
	if (!item)
		return -ENOMEM;
	r = poll_items(item, (struct pollfd *)ufds, (unsigned)n, deadline);
	items_free(item, few, (unsigned)n);
	return r;
}

static long poll_on(uint64_t ufds, uint64_t n, uint64_t deadline)
{
	long r = poll_until((long)ufds, n, deadline);

	if (r != -ERESTARTSYS)
		return r;
	return signal_restart_with(poll_on, ufds, n, deadline);
}

long do_poll(long ufds, long n, long timeout_ms)
{
	return poll_on(ufds, (uint32_t)n, wait_deadline_ms((int)timeout_ms));
}

/* The end of a call with a limit of time that is written back: it is made
 * again with what is left, unless a handler runs. */
static long finish(long r, long utime, uint64_t unit, uint64_t deadline)
{
	wait_put_limit(utime, unit, deadline);
	return r == -ERESTARTSYS ? -ERESTARTNOHAND : r;
}

long do_ppoll(long ufds, long n, long utime, long umask, long size)
{
	uint64_t deadline;
	long r = wait_get_limit(utime, NS_PER_S, &deadline);

	if (!r)
		r = signal_mask_set(umask, size);
	if (r)
		return r;
	r = poll_until(ufds, (uint32_t)n, deadline);
	signal_mask_restore(r == -ERESTARTSYS);
	return finish(r, utime, NS_PER_S, deadline);
}

/* --- select ---------------------------------------------------------------*/

enum { SET_IN, SET_OUT, SET_EX, SETS };
static const unsigned asks_of[SETS] = {POLLIN | POLLRDNORM | POLLRDBAND,
	POLLOUT | POLLWRNORM | POLLWRBAND, POLLPRI};
static const unsigned shows_of[SETS] = {
	POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR,
	POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR, POLLPRI};

static bool bit(const uint64_t *set, unsigned i)
{
	return set[i / 64] >> i % 64 & 1;
}

/* What the sets say of a descriptor, with the names of poll. */
static unsigned asked(uint64_t *const set[SETS], unsigned fd)
{
	unsigned wanted = 0;

	for (unsigned s = 0; s < SETS; s++)
		wanted |= bit(set[s], fd) ? asks_of[s] : 0;
	return wanted;
}

/* Leaves in the sets what is ready of an item: how many places that is. */
static long answer(uint64_t *const set[SETS], const struct item *item)
{
	unsigned fd = (unsigned)item->fd;
	long count = 0;

	for (unsigned s = 0; s < SETS; s++) {
		if (!bit(set[s], fd))
			continue;
		if (item->ready & shows_of[s])
			count++;
		else
			set[s][fd / 64] &= ~(1ULL << fd % 64);
	}
	return count;
}

/* Waits for what is in the sets: n descriptors, of which `used` are asked
 * for. */
static long select_items(uint64_t *const set[SETS], struct item *item,
	unsigned n, unsigned used, uint64_t deadline)
{
	long r, count = 0;
	unsigned k = 0;

	for (unsigned fd = 0; fd < n; fd++) {
		unsigned wanted = asked(set, fd);

		if (!wanted)
			continue;
		item[k].fd = (int)fd;
		item[k].wanted = wanted;
		item[k].file = fd_get((int)fd);
		if (!item[k++].file)
			return -EBADF;
	}
	r = wait_items(item, used, deadline);
	for (k = 0; k < used && r >= 0; k++)
		count += answer(set, &item[k]);
	return r < 0 ? r : count;
}

static long select_bits(
	uint64_t *const set[SETS], unsigned n, uint64_t deadline)
{
	struct item few[FEW], *item;
	unsigned used = 0;
	long r;

	for (unsigned fd = 0; fd < n; fd++)
		used += asked(set, fd) != 0;
	item = items_new(few, used);
	if (!item)
		return -ENOMEM;
	r = select_items(set, item, n, used, deadline);
	items_free(item, few, used);
	return r;
}

static long select_until(unsigned n, const long uset[SETS], uint64_t deadline)
{
	size_t words = (n + 63) / 64, size = words * 8;
	uint64_t *bits = kzalloc(SETS * size + 1), *set[SETS] = {NULL};
	long r = bits ? 0 : -ENOMEM;

	for (unsigned s = 0; s < SETS && !r; s++) {
		set[s] = bits + s * words;
		if (uset[s])
			r = copy_from_user(set[s], (void *)uset[s], size);
	}
	if (!r)
		r = select_bits(set, n, deadline);
	for (unsigned s = 0; s < SETS && r >= 0; s++) {
		if (uset[s] && copy_to_user((void *)uset[s], set[s], size))
			r = -EFAULT;
	}
	kfree(bits);
	return r;
}

static long select_with(long n, const long uset[SETS], uint64_t deadline)
{
	if ((int)n < 0)
		return -EINVAL;
	return select_until(MIN((uint32_t)n, fd_limit), uset, deadline);
}

long do_select(long n, long uin, long uout, long uex, long utime)
{
	const long uset[SETS] = {uin, uout, uex};
	uint64_t deadline;
	long r = wait_get_limit(utime, 1000000, &deadline);

	if (r)
		return r;
	r = select_with(n, uset, deadline);
	return finish(r, utime, 1000000, deadline);
}

long do_pselect6(long n, long uin, long uout, long uex, long utime, long usig)
{
	const long uset[SETS] = {uin, uout, uex};
	uint64_t deadline, sig[2] = {0, 0}; /* mask's address, size */
	long r = wait_get_limit(utime, NS_PER_S, &deadline);

	if (!r && usig)
		r = copy_from_user(sig, (const void *)usig, sizeof(sig));
	if (!r)
		r = signal_mask_set(sig[0], sig[1]);
	if (r)
		return r;
	r = select_with(n, uset, deadline);
	signal_mask_restore(r == -ERESTARTSYS);
	return finish(r, utime, NS_PER_S, deadline);
}

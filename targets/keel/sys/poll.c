/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for files: poll, select and their kin. */
#include <asm/errno.h>
#include <linux/poll.h>
#include <linux/time_types.h>

#include "fs/file.h"
#include "kern/signal.h"
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
};

static unsigned ask(struct item *i)
{
	/* What has no such question is always ready (regular files). */
	unsigned now = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

	if (i->file->ops->poll)
		now = i->file->ops->poll(i->file, &i->q);
	return now & (i->wanted | POLLERR | POLLHUP);
}

static int ask_all(struct item *item, unsigned n)
{
	int count = 0;

	for (unsigned i = 0; i < n; i++) {
		if (item[i].file)
			item[i].ready = ask(&item[i]);
		count += item[i].ready != 0;
	}
	return count;
}

/* The number of items that are ready; 0 after the deadline;
 * -ERESTARTSYS. */
static int wait_items(struct item *item, unsigned n, uint64_t deadline)
{
	int count = ask_all(item, n), err = 0;

	while (!count && !err && deadline != WAIT_NOT) {
		for (unsigned i = 0; i < n; i++) {
			if (item[i].q)
				waitq_prepare_for(item[i].q, &item[i].entry,
					item[i].wanted | POLLERR | POLLHUP);
		}
		count = ask_all(item, n);
		if (!count)
			err = waitq_sleep(deadline);
		for (unsigned i = 0; i < n; i++) {
			if (item[i].q)
				waitq_finish(item[i].q, &item[i].entry);
		}
	}
	if (!count && err == -ETIMEDOUT)
		count = ask_all(item, n);
	return count || err == -ETIMEDOUT ? count : err;
}

static void put_items(struct item *item, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		file_put(item[i].file);
	kfree(item);
}

static long poll_until(long ufds, uint64_t n, uint64_t deadline)
{
	struct pollfd *fds;
	struct item *item;
	long r;

	if (n > fd_limit)
		return -EINVAL;
	fds = kmalloc(n * sizeof(*fds) + 1);
	item = kzalloc(n * sizeof(*item) + 1);
	r = fds && item ? 0 : -ENOMEM;
	if (!r)
		r = copy_from_user(fds, (const void *)ufds, n * sizeof(*fds));
	if (r) {
		kfree(fds);
		kfree(item);
		return r;
	}
	for (uint64_t i = 0; i < n; i++) {
		item[i].wanted = (uint16_t)fds[i].events;
		if (fds[i].fd < 0)
			continue;
		item[i].file = fd_get(fds[i].fd);
		if (!item[i].file)
			item[i].ready = POLLNVAL;
	}
	r = wait_items(item, n, deadline);
	for (uint64_t i = 0; i < n && r >= 0; i++) {
		short ready = item[i].ready;

		if (copy_to_user(&((struct pollfd *)ufds)[i].revents, &ready,
			    sizeof(ready)))
			r = -EFAULT;
	}
	put_items(item, n);
	kfree(fds);
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

/* Waits for what is in the sets, and leaves in them what is ready. */
static long select_bits(uint64_t *set[SETS], unsigned n, uint64_t deadline)
{
	struct item *item = kzalloc(n * sizeof(*item) + 1);
	long r = item ? 0 : -ENOMEM, count = 0;

	for (unsigned i = 0; i < n && !r; i++) {
		for (unsigned s = 0; s < SETS; s++)
			item[i].wanted |= bit(set[s], i) ? asks_of[s] : 0;
		if (item[i].wanted && !(item[i].file = fd_get((int)i)))
			r = -EBADF;
	}
	if (!r)
		r = wait_items(item, n, deadline);
	for (unsigned i = 0; i < n && r >= 0; i++) {
		for (unsigned s = 0; s < SETS; s++) {
			if (!bit(set[s], i))
				continue;
			if (item[i].ready & shows_of[s])
				count++;
			else
				set[s][i / 64] &= ~(1ULL << i % 64);
		}
	}
	if (item)
		put_items(item, n);
	return r < 0 ? r : count;
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

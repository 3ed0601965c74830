/* SPDX-License-Identifier: Apache-2.0 */
/* Signals that are read: signalfd(2). */
#include "fs/signalfd.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/signalfd.h>

#include "fs/anon.h"
#include "fs/file.h"
#include "kern/signal_queue.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"

/* One for all: who reads gets those of its own thread and the process's. */
static struct waitq signalfd_wait;

/* Called, if linked in, when any signal was sent. */
void signalfd_wake(void)
{
	waitq_wake_for(&signalfd_wait, WAITQ_IN);
}

static uint64_t *mask_of(struct file *f)
{
	return f->priv;
}

static bool ready(struct file *f)
{
	return signal_waiting() & *mask_of(f);
}

/* What is known depends on who sent it. */
static struct signalfd_siginfo to_record(const siginfo_t *i)
{
	struct signalfd_siginfo r = {
		.ssi_signo = i->si_signo,
		.ssi_errno = i->si_errno,
		.ssi_code = i->si_code,
	};

	if (i->si_code == SI_TIMER) {
		r.ssi_tid = i->si_tid;
		r.ssi_overrun = i->si_overrun;
	} else {
		r.ssi_pid = i->si_pid;
		r.ssi_uid = i->si_uid;
	}
	if (i->si_code < 0) {
		r.ssi_ptr = (uint64_t)i->si_ptr;
		r.ssi_int = i->si_int;
	}
	return r;
}

static long signalfd_read(struct file *f, void *ubuf, size_t n, uint64_t *pos)
{
	struct signalfd_siginfo r;
	siginfo_t info;
	size_t done = 0;
	int err;

	(void)pos;
	if (n < sizeof(r))
		return -EINVAL;
	while (n - done >= sizeof(r)) {
		if (!signal_take(*mask_of(f), &info)) {
			if (done)
				break;
			if (f->flags & O_NONBLOCK)
				return -EAGAIN;
			err = wait_event_for(
				&signalfd_wait, WAITQ_IN, NEVER, ready(f));
			if (err)
				return err;
			continue;
		}
		r = to_record(&info);
		if (copy_to_user((char *)ubuf + done, &r, sizeof(r)))
			return done ? (long)done : -EFAULT;
		done += sizeof(r);
	}
	return done;
}

static unsigned signalfd_poll(struct file *f, struct waitq **q)
{
	*q = &signalfd_wait;
	return ready(f) ? POLLIN : 0;
}

static void signalfd_release(struct file *f)
{
	kfree(f->priv);
}

static const struct file_ops signalfd_ops = {
	.read = signalfd_read,
	.poll = signalfd_poll,
	.release = signalfd_release,
	.stat = anon_stat,
	.seek = anon_seek,
	.name = "anon_inode:[signalfd]",
};

struct file *signalfd_new(uint64_t mask, uint32_t flags)
{
	uint64_t *m = kmalloc(sizeof(*m));
	struct file *f = m ? file_new(&signalfd_ops, O_RDWR | flags) : NULL;

	if (!f) {
		kfree(m);
		return NULL;
	}
	*m = mask & ~SIGNAL_UNBLOCKABLE;
	f->priv = m;
	return f;
}

int signalfd_set(struct file *f, uint64_t mask)
{
	if (f->ops != &signalfd_ops)
		return -EINVAL;
	*mask_of(f) = mask & ~SIGNAL_UNBLOCKABLE;
	signalfd_wake();
	return 0;
}

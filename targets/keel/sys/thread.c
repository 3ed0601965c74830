/* SPDX-License-Identifier: Apache-2.0 */
/* Threads of the program: their start and their end. */
#include "sys/thread.h"
#include "arch/arch.h"
#include "kern/log.h"
#include "kern/string.h"
#include "kern/time.h"
#include "mm/page.h"
#include "mm/uaccess.h"
#include "sched/sched.h"
#include "sys/futex.h"
#include "sys/proto.h"
#include "sys/time.h"

#include <linux/errno.h>
#include <linux/sched.h>

/* What threads of one process share; without all of these it would be
 * another process, or half of one. */
#define SHARED \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)
#define KNOWN                                                                \
	(SHARED | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |       \
		CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | CLONE_DETACHED | \
		CLONE_UNTRACED | CLONE_IO)

/* With signals: kern/signal_send.c. */
weak void signal_thread_ends(void)
{
}

static int check(uint64_t flags)
{
	if ((flags & CLONE_THREAD && !(flags & CLONE_SIGHAND)) ||
		(flags & CLONE_SIGHAND && !(flags & CLONE_VM)))
		return -EINVAL;
	if ((flags & SHARED) != SHARED)
		return -ENOSYS;
	return flags & ~KNOWN ? -EINVAL : 0;
}

static void put_tid(uint64_t va, uint32_t tid)
{
	/* As on Linux a bad address does not stop the thread. */
	if (copy_to_user((void *)va, &tid, sizeof(tid)))
		klog("clone: no memory at %lx for the tid\n", va);
}

static long start(const struct clone_args *a, const struct trap_frame *regs)
{
	const struct thread *parent = thread_this();
	struct thread *t;
	int err = check(a->flags), tid;

	if (err)
		return err;
	if (a->flags & CLONE_SETTLS && a->tls >= ARCH_USER_MAX)
		return -EPERM;
	t = thread_alloc();
	if (!t)
		return -ENOMEM;
	arch_thread_init_program(t, regs, a->stack);
	t->tls = a->flags & CLONE_SETTLS ? a->tls : arch_tls();
	t->sig.mask = parent->sig.mask;
	t->batch = parent->batch;
	t->spent = t->batch;
	memcpy(t->name, parent->name, sizeof(t->name));
	if (a->flags & CLONE_CHILD_CLEARTID)
		t->clear_tid = a->child_tid;
	thread_list(t);
	tid = t->tid;
	if (a->flags & CLONE_PARENT_SETTID)
		put_tid(a->parent_tid, tid);
	if (a->flags & CLONE_CHILD_SETTID)
		put_tid(a->child_tid, tid);
	thread_ready(t);
	return tid;
}

long thread_clone(long flags, long stack, long ptid, long ctid, long tls,
	const struct trap_frame *regs)
{
	const struct clone_args a = {
		.flags = (uint32_t)flags & ~(uint32_t)CSIGNAL,
		.stack = stack,
		.parent_tid = ptid,
		.child_tid = ctid,
		.tls = tls,
	};

	return start(&a, regs);
}

/* What is beyond the fields that we know must be zero. */
static int get_args(struct clone_args *a, long va, size_t size)
{
	char rest[64];

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	if (copy_from_user(a, (const void *)va, MIN(size, sizeof(*a))))
		return -EFAULT;
	for (size_t at = sizeof(*a), n; at < size; at += n) {
		n = MIN(size - at, sizeof(rest));
		if (copy_from_user(rest, (const void *)(va + at), n))
			return -EFAULT;
		for (size_t i = 0; i < n; i++)
			if (rest[i])
				return -E2BIG;
	}
	return 0;
}

long thread_clone3(long args, long size, long c, long d, long e,
	const struct trap_frame *regs)
{
	struct clone_args a = {0};
	int err = get_args(&a, args, size);

	(void)c;
	(void)d;
	(void)e;
	if (err)
		return err;
	if (a.flags & CSIGNAL || !a.stack != !a.stack_size ||
		a.exit_signal > CSIGNAL || a.set_tid || a.set_tid_size ||
		(a.exit_signal && a.flags & CLONE_THREAD))
		return -EINVAL;
	a.stack += a.stack_size;
	return start(&a, regs);
}

uint64_t thread_time(const struct thread *t)
{
	return clock_cycles_to_ns(thread_cycles(t));
}

void thread_end(int status)
{
	struct thread *t = thread_this();

	if (thread_count() == 1)
		process_exit(status & 0xff);
	signal_thread_ends();
	if (t->robust_list)
		futex_release(t->robust_list, t->tid);
	if (t->clear_tid) {
		put_tid(t->clear_tid, 0);
		futex_wake(t->clear_tid, 1);
	}
	thread_unlist(t);
	sched_exit();
}

long do_exit(long status)
{
	thread_end((int)status);
}

/* From libc/keel-thread.S: a thread that stands on what it unmaps. */
noreturn void thread_unmap_self(long base, long size);
void thread_unmap_self(long base, long size)
{
	do_munmap(base, size);
	thread_end(0);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* System calls about the process: its end, its ids, its CPU. */
#include "arch/arch.h"
#include "kern/log.h"
#include "kern/string.h"
#include "mm/uaccess.h"
#include "sched/thread.h"
#include "sys/proto.h"

#include <asm/prctl.h>
#include <linux/errno.h>
#include <linux/futex.h>
#include <linux/prctl.h>

/* The only process: the first of its container, leader of its session. */
enum { PID = 1, LAST_CAP = 40 };

long do_exit_group(long status)
{
	process_exit(status & 0xff);
}

/* Of the only thread; else sys/thread.c. */
weak long do_exit(long status)
{
	process_exit(status & 0xff);
}

long do_getpid(void)
{
	return PID;
}

long do_gettid(void)
{
	return thread_this()->tid;
}

long do_getppid(void)
{
	return 0;
}

long do_getpgrp(void)
{
	return PID;
}

long do_getpgid(long pid)
{
	return (int)pid == 0 || (int)pid == PID ? PID : -ESRCH;
}

long do_getsid(long pid)
{
	return do_getpgid(pid);
}

long do_getuid(void)
{
	return 0;
}

long do_geteuid(void)
{
	return 0;
}

long do_getgid(void)
{
	return 0;
}

long do_getegid(void)
{
	return 0;
}

static long put_ids(long a, long b, long c)
{
	uint32_t id = 0;

	if (copy_to_user((void *)a, &id, sizeof(id)) ||
		copy_to_user((void *)b, &id, sizeof(id)) ||
		copy_to_user((void *)c, &id, sizeof(id)))
		return -EFAULT;
	return 0;
}

long do_getresuid(long real, long effective, long saved)
{
	return put_ids(real, effective, saved);
}

long do_getresgid(long real, long effective, long saved)
{
	return put_ids(real, effective, saved);
}

long do_getgroups(long size, long list)
{
	(void)list;
	return (int)size < 0 ? -EINVAL : 0;
}

long do_set_tid_address(long va)
{
	struct thread *t = thread_this();

	t->clear_tid = va;
	return t->tid;
}

long do_set_robust_list(long head, long size)
{
	if (size != sizeof(struct robust_list_head))
		return -EINVAL;
	thread_this()->robust_list = head;
	return 0;
}

weak struct thread *thread_find(int tid); /* sched/sched.h */

long do_get_robust_list(long pid, long head, long size)
{
	const struct thread *t = thread_this();
	uint64_t n = sizeof(struct robust_list_head);

	if ((int)pid && (int)pid != t->tid)
		t = thread_find ? thread_find((int)pid) : NULL;
	if (!t)
		return -ESRCH;
	if (copy_to_user((void *)size, &n, sizeof(n)) ||
		copy_to_user(
			(void *)head, &t->robust_list, sizeof(t->robust_list)))
		return -EFAULT;
	return 0;
}

long do_arch_prctl(long code, long va)
{
	if ((int)code != ARCH_SET_FS)
		return -EINVAL;
	if ((unsigned long)va >= ARCH_USER_MAX)
		return -EPERM;
	arch_set_tls(va);
	return 0;
}

long do_prctl(long option, long a, long b, long c, long d)
{
	struct thread *t = thread_this();
	char name[sizeof(t->name)] = "";
	long n;

	(void)b;
	(void)c;
	(void)d;
	switch ((int)option) {
	case PR_SET_NAME:
		n = strncpy_from_user(name, (const char *)a, sizeof(name));
		if (n < 0 && n != -ENAMETOOLONG)
			return n;
		name[sizeof(name) - 1] = 0;
		memcpy(t->name, name, sizeof(name));
		return 0;
	case PR_GET_NAME:
		return copy_to_user((void *)a, t->name, sizeof(t->name));
	case PR_CAPBSET_READ:
		return a >= 0 && a <= LAST_CAP ? 1 : -EINVAL;
	case PR_GET_DUMPABLE:
		return 0; /* no core is ever written */
	}
	return -EINVAL;
}

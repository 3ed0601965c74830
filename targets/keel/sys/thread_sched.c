/* SPDX-License-Identifier: Apache-2.0 */
/* System calls about how threads share the CPU. */
#include "mm/uaccess.h"
#include "sched/sched.h"
#include "sys/proto.h"
#include "sys/time.h"

#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/time_types.h>

enum { RT_MIN = 1, RT_MAX = 99 };

/* Only in programs that make threads. */
weak void sched_yield(void);
weak struct thread *thread_find(int tid);

static struct thread *find(long pid)
{
	struct thread *t = thread_this();
	int tid = (int)pid;

	if (!tid || tid == t->tid)
		return t;
	return thread_find ? thread_find(tid) : NULL;
}

/* Where the id is invalid, or of no thread. */
static int find_for(long pid, struct thread **t)
{
	if ((int)pid < 0)
		return -EINVAL;
	*t = find(pid);
	return *t ? 0 : -ESRCH;
}

long do_sched_yield(void)
{
	if (sched_yield)
		sched_yield();
	return 0;
}

/* One CPU; the size is of the program's mask in bytes. */
long do_sched_getaffinity(long pid, long size, long mask)
{
	uint64_t cpus = 1;

	if ((unsigned)size < sizeof(cpus) || size & 7)
		return -EINVAL;
	if (!find(pid))
		return -ESRCH;
	if (copy_to_user((void *)mask, &cpus, sizeof(cpus)))
		return -EFAULT;
	return sizeof(cpus);
}

long do_sched_setaffinity(long pid, long size, long mask)
{
	uint8_t cpus = 0;

	if ((unsigned)size && copy_from_user(&cpus, (void *)mask, 1))
		return -EFAULT;
	if (!find(pid))
		return -ESRCH;
	return cpus & 1 ? 0 : -EINVAL;
}

long do_getcpu(long cpu, long node, long unused)
{
	uint32_t zero = 0;

	(void)unused;
	if (cpu && copy_to_user((void *)cpu, &zero, sizeof(zero)))
		return -EFAULT;
	return node ? copy_to_user((void *)node, &zero, sizeof(zero)) : 0;
}

static long set(long pid, int policy, long param)
{
	struct thread *t;
	int32_t priority;
	int err;

	if (!param)
		return -EINVAL;
	err = find_for(pid, &t);
	if (err)
		return err;
	if (copy_from_user(&priority, (void *)param, sizeof(priority)))
		return -EFAULT;
	switch (policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		if (priority < RT_MIN || priority > RT_MAX)
			return -EINVAL;
		return -EPERM;
	case SCHED_NORMAL:
	case SCHED_BATCH:
		if (priority)
			return -EINVAL;
		t->batch = policy == SCHED_BATCH;
		t->spent |= t->batch;
		return 0;
	}
	return -EINVAL;
}

long do_sched_setscheduler(long pid, long policy, long param)
{
	return set(pid, (int)policy, param);
}

long do_sched_setparam(long pid, long param)
{
	const struct thread *t = find(pid);

	return set(pid, t && t->batch ? SCHED_BATCH : SCHED_NORMAL, param);
}

long do_sched_getscheduler(long pid)
{
	struct thread *t;
	int err = find_for(pid, &t);

	if (err)
		return err;
	return t->batch ? SCHED_BATCH : SCHED_NORMAL;
}

long do_sched_getparam(long pid, long param)
{
	int32_t priority = 0;
	struct thread *t;
	int err = param ? find_for(pid, &t) : -EINVAL;

	if (err)
		return err;
	return copy_to_user((void *)param, &priority, sizeof(priority));
}

static long limit(long policy, int realtime)
{
	switch ((int)policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return realtime;
	case SCHED_NORMAL:
	case SCHED_BATCH:
	case SCHED_IDLE:
	case SCHED_DEADLINE:
		return 0;
	}
	return -EINVAL;
}

long do_sched_get_priority_max(long policy)
{
	return limit(policy, RT_MAX);
}

long do_sched_get_priority_min(long policy)
{
	return limit(policy, RT_MIN);
}

long do_sched_rr_get_interval(long pid, long va)
{
	struct __kernel_timespec slice = {0, SCHED_SLICE_NS};
	struct thread *t;
	int err = find_for(pid, &t);

	if (err)
		return err;
	return copy_to_user((void *)va, &slice, sizeof(slice));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* System calls about limits, usage and the system's name. */
#include "arch/arch.h"
#include "fs/file.h"
#include "kern/boot.h"
#include "kern/signal_queue.h"
#include "kern/string.h"
#include "kern/time.h"
#include "mm/page.h"
#include "mm/uaccess.h"
#include "sched/thread.h"
#include "sys/proto.h"
#include "sys/time.h"

#include <asm/resource.h>
#include <linux/errno.h>
#include <linux/resource.h>
#include <linux/sysinfo.h>
#include <linux/times.h>
#include <linux/utsname.h>

enum { PID = 1, HZ = 100, NOFILE = 65536 };
#define UNLIMITED RLIM64_INFINITY
#define STACK     (8UL << 20)

/* soft, hard; as a container has them where keel honours them. */
static struct rlimit64 limits[RLIM_NLIMITS] = {
	[RLIMIT_CPU] = {UNLIMITED, UNLIMITED},
	[RLIMIT_FSIZE] = {UNLIMITED, UNLIMITED},
	[RLIMIT_DATA] = {UNLIMITED, UNLIMITED},
	[RLIMIT_STACK] = {STACK, STACK},
	[RLIMIT_CORE] = {0, 0},
	[RLIMIT_RSS] = {UNLIMITED, UNLIMITED},
	[RLIMIT_NPROC] = {UNLIMITED, UNLIMITED},
	[RLIMIT_NOFILE] = {NOFILE, NOFILE},
	[RLIMIT_MEMLOCK] = {UNLIMITED, UNLIMITED},
	[RLIMIT_AS] = {UNLIMITED, UNLIMITED},
	[RLIMIT_LOCKS] = {UNLIMITED, UNLIMITED},
	[RLIMIT_SIGPENDING] = {SIGNAL_QUEUE_MAX, SIGNAL_QUEUE_MAX},
	[RLIMIT_MSGQUEUE] = {0, 0},
	[RLIMIT_NICE] = {0, 0},
	[RLIMIT_RTPRIO] = {0, 0},
	[RLIMIT_RTTIME] = {UNLIMITED, UNLIMITED},
};

/* Only the number of open files can be changed: nothing would enforce the
 * others. To set one to what it is does no harm. */
static int set_limit(unsigned which, const struct rlimit64 *l)
{
	struct rlimit64 *now = &limits[which];

	if (l->rlim_cur > l->rlim_max)
		return -EINVAL;
	if (l->rlim_max > now->rlim_max)
		return -EPERM;
	if (which != RLIMIT_NOFILE && memcmp(l, now, sizeof(*l)) != 0)
		return -EPERM;
	*now = *l;
	if (which == RLIMIT_NOFILE)
		fd_limit = l->rlim_cur;
	return 0;
}

long do_prlimit64(long pid, long resource, long new, long old)
{
	unsigned which = (unsigned)resource;
	struct rlimit64 l, before;
	int err = 0;

	if ((int)pid != 0 && (int)pid != PID)
		return -ESRCH;
	if (which >= RLIM_NLIMITS)
		return -EINVAL;
	before = limits[which];
	if (new) {
		if (copy_from_user(&l, (const void *)new, sizeof(l)))
			return -EFAULT;
		err = set_limit(which, &l);
	}
	if (!err && old)
		err = copy_to_user((void *)old, &before, sizeof(before));
	return err;
}

/* struct rlimit is struct rlimit64 here. */
long do_getrlimit(long which, long va)
{
	return va ? do_prlimit64(0, which, 0, va) : -EFAULT;
}

long do_setrlimit(long which, long va)
{
	return va ? do_prlimit64(0, which, va, 0) : -EFAULT;
}

long do_getrusage(long whose, long va)
{
	int who = (int)whose;
	struct rusage u = {0};
	uint64_t ns =
		who == RUSAGE_THREAD ? thread_time(thread_this()) : cpu_time();

	if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN &&
		who != RUSAGE_THREAD)
		return -EINVAL;
	if (who != RUSAGE_CHILDREN) {
		u.ru_utime.tv_sec = ns / NS_PER_S;
		u.ru_utime.tv_usec = ns % NS_PER_S / 1000;
		u.ru_maxrss =
			(page_total() - page_free_count()) * (PAGE_SIZE / 1024);
	}
	return copy_to_user((void *)va, &u, sizeof(u));
}

long do_times(long va)
{
	struct tms t = {.tms_utime = cpu_time() / (NS_PER_S / HZ)};

	if (va && copy_to_user((void *)va, &t, sizeof(t)))
		return -EFAULT;
	return clock_now() / (NS_PER_S / HZ);
}

/* In bytes, as Linux tells wherever they fit: few programs multiply. */
long do_sysinfo(long va)
{
	struct sysinfo s = {
		.uptime = clock_now() / NS_PER_S,
		.totalram = page_total() * PAGE_SIZE,
		.freeram = page_free_count() * PAGE_SIZE,
		.procs = 1,
		.mem_unit = 1,
	};

	return copy_to_user((void *)va, &s, sizeof(s));
}

/* The release is that of the Linux whose calls keel has. */
long do_uname(long va)
{
	struct new_utsname u = {.sysname = "Linux",
		.nodename = "localhost",
		.release = "6.1.0-keel",
		.version = "#1 keel",
		.machine = ARCH_NAME,
		.domainname = "(none)"};
	const struct record_item *i = record_next(NULL, RECORD_HOSTNAME);

	if (i) {
		memset(u.nodename, 0, sizeof(u.nodename));
		memcpy(u.nodename, record_data(i),
			MIN(i->len, sizeof(u.nodename) - 1));
	}
	return copy_to_user((void *)va, &u, sizeof(u));
}

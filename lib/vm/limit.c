/* SPDX-License-Identifier: Apache-2.0 */
/* What memory and processors a container leaves for the guest. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "vm/vm.h"

/*
 * What QEMU needs beside the guest's memory. Measured for 7.2 with guests of
 * 4 to 128 MiB that write to all of it: 14 to 15 MiB are enough to run at
 * all, plus the cache of translated code, which fills in time, plus tables
 * that grow with the guest's pages.
 */
enum {
	MIB = 1 << 20,
	QEMU_MIB = 20,
	CACHE_MIN_MIB = 4,
	CACHE_MAX_MIB = 32,
	CACHE_SHARE = 8,  /* a part of the limit for translated code */
	TABLE_SHARE = 32, /* for tables */
	GUEST_MIN_MIB = 4,
};

static const char *const limit_files[] = {
	"/sys/fs/cgroup/memory.max",                   /* version 2 */
	"/sys/fs/cgroup/memory/memory.limit_in_bytes", /* version 1 */
	NULL,
};

static uint64_t physical_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	if (pages <= 0 || size <= 0)
		return UINT64_MAX;
	return (uint64_t)pages * (uint64_t)size;
}

/* 0: no limit. "max" and numbers over what the machine has are none. */
static uint64_t read_limit(const char *path)
{
	_buf_ struct buf b = {0};
	struct err ignored;
	char *end;
	unsigned long long v;

	if (file_read(path, 4096, &b, &ignored) < 0 || !b.data)
		return 0;
	errno = 0;
	v = strtoull(b.data, &end, 10);
	if (end == b.data || errno || v >= physical_memory())
		return 0;
	return v;
}

/* What QEMU needs of a limit. */
static uint64_t needed_beside(uint64_t mib, uint64_t *cache)
{
	*cache = mib / CACHE_SHARE;
	if (*cache < CACHE_MIN_MIB)
		*cache = CACHE_MIN_MIB;
	if (*cache > CACHE_MAX_MIB)
		*cache = CACHE_MAX_MIB;
	return QEMU_MIB + *cache + mib / TABLE_SHARE;
}

static uint64_t least_limit(uint64_t guest)
{
	uint64_t mib = guest, cache;

	while (mib < guest + needed_beside(mib, &cache))
		mib++;
	return mib;
}

/* "max 100000" or "150000 100000": microseconds of each period. */
static unsigned read_cpus(const char *text)
{
	char *end;
	unsigned long long quota = strtoull(text, &end, 10), period;

	if (end == text || *text < '0' || *text > '9')
		return 0;
	period = strtoull(end, NULL, 10);
	if (!quota || !period)
		return 0;
	quota /= period;
	return quota < 1 ? 1 : quota > UINT_MAX ? UINT_MAX : (unsigned)quota;
}

/* Whole processors of the container's limit; 0: no limit. */
static unsigned cpu_limit(void)
{
	static const char *const old[] = {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us",
		"/sys/fs/cgroup/cpu/cpu.cfs_period_us"};
	_buf_ struct buf text = {0};
	struct err ignored;

	if (file_read("/sys/fs/cgroup/cpu.max", 4096, &text, &ignored) < 0) {
		for (int i = 0; i < 2; i++)
			if (file_read(old[i], 4096, &text, &ignored) < 0)
				return 0;
	}
	return text.data ? read_cpus(text.data) : 0;
}

/* A guest with more than it may use waits for itself. */
static void fit_cpus(struct vm_plan *p)
{
	unsigned limit = cpu_limit(), most = p->cpus_max ? p->cpus_max : 1;

	if (limit)
		p->cpus = limit < most ? limit : most;
}

int vm_fit_container(struct vm_plan *p, struct err *e)
{
	uint64_t limit = 0, mib, cache, need, least = GUEST_MIN_MIB;

	if (p->memory_min / MIB > least)
		least = p->memory_min / MIB;
	fit_cpus(p);
	for (size_t i = 0; limit == 0 && limit_files[i]; i++)
		limit = read_limit(limit_files[i]);
	if (limit == 0)
		return 0;
	mib = limit / MIB;
	need = needed_beside(mib, &cache);
	if (mib < need + least)
		return err_set(e, -ENOMEM,
			"the container's memory limit of %llu MiB is too "
			"small: the machine needs at least %llu MiB",
			(unsigned long long)mib,
			(unsigned long long)least_limit(least));
	p->memory = (mib - need) * MIB;
	p->code_cache_mib = (unsigned)cache;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How much memory a container leaves for the guest. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "vm/vm.h"

/*
 * What QEMU 7.2 needs beside the guest's memory: measured as the memory of
 * its own that it had written to after a run (anonymous, page tables and
 * kernel memory of the process), with a code cache of 32 MiB that fills
 * only as far as different code is translated.
 */
#define RESERVE   (32ull << 20)
#define GUEST_MIN (4ull << 20)
enum { MIB = 1 << 20 };

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

int vm_memory_of_container(uint64_t *bytes, struct err *e)
{
	uint64_t limit = 0;

	for (size_t i = 0; limit == 0 && limit_files[i]; i++)
		limit = read_limit(limit_files[i]);
	if (limit && limit < RESERVE + GUEST_MIN)
		return err_set(e, -ENOMEM,
			"the container's memory limit of %llu MiB is too "
			"small: the machine needs at least %llu MiB",
			(unsigned long long)(limit / MIB),
			(unsigned long long)((RESERVE + GUEST_MIN) / MIB));
	*bytes = limit ? limit - RESERVE : 0;
	return 0;
}

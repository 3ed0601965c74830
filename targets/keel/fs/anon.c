/* SPDX-License-Identifier: Apache-2.0 */
/* Open files that are behind no name. */
#include "fs/anon.h"

#include <asm/errno.h>

#include "fs/file.h"
#include "fs/kstat.h"
#include "mm/page.h"

enum { ANON_DEV = 0xf };

int anon_stat(struct file *f, struct kstat *st)
{
	struct ktime boot = ktime_boot();

	(void)f;
	*st = (struct kstat){.dev = ANON_DEV,
		.ino = 1,
		.nlink = 1,
		.mode = 0600,
		.blksize = PAGE_SIZE,
		.atime = boot,
		.mtime = boot,
		.ctime = boot,
		.btime = boot};
	return 0;
}

long anon_seek(struct file *f, int64_t offset, int whence)
{
	(void)f;
	(void)offset;
	(void)whence;
	return 0;
}

long anon_install(struct file *f, bool cloexec)
{
	long fd = f ? fd_install(f, 0, cloexec) : -ENOMEM;

	if (fd < 0)
		file_put(f);
	return fd;
}

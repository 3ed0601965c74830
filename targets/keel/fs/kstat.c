/* SPDX-License-Identifier: Apache-2.0 */
/* What fstat(2) tells of open files, also of those without an inode. */
#include "fs/kstat.h"

#include <asm/errno.h>
#include <linux/stat.h>

#include "drivers/console.h"
#include "fs/devices.h"
#include "fs/file.h"
#include "fs/remote.h"
#include "kern/boot.h"

/* A terminal is a character device; else the other end is at the host,
 * and most like a pipe. */
static void console_stat(const struct file *f, struct kstat *st)
{
	unsigned stream = (uintptr_t)f->priv;

	*st = (struct kstat){.dev = 0xd,
		.ino = 1 + stream,
		.nlink = 1,
		.blksize = 4096,
		.mode = S_IFIFO | 0600};
	st->atime = st->mtime = st->ctime = st->btime = ktime_boot();
	if (!(record_flags() & RECORD_F_TTY_IN << stream))
		return;
	/* The same file as the node of /dev, for ttyname(3). */
	if (devfs_console) {
		inode_stat(devfs_console(), st);
	} else {
		st->mode = S_IFCHR | 0620;
		st->rdev = dev_make(5, 1);
	}
}

int file_stat(struct file *f, struct kstat *st)
{
	if (f->ops->stat)
		return f->ops->stat(f, st);
	if (f->inode && f->inode->fs->remote)
		return f->inode->fs->remote->stat(f->inode, f, st);
	if (f->inode)
		inode_stat(f->inode, st);
	else if (f->ops == &console_file_ops)
		console_stat(f, st);
	else
		return -EBADF;
	return 0;
}

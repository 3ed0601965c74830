/* SPDX-License-Identifier: Apache-2.0 */
/* fstat: apart, since it needs no paths. */
#include "sys/stat.h"

#include <asm/errno.h>
#include <asm/stat.h>

#include "fs/file.h"
#include "kern/string.h"
#include "mm/uaccess.h"
#include "sys/proto.h"

/* What fstat and an empty path ask. */
int file_stat_fd(long fd, struct kstat *st)
{
	struct file *f = fd_get((int)fd);
	int err;

	if (!f)
		return -EBADF;
	err = file_stat(f, st);
	file_put(f);
	return err;
}

int stat_put(const struct kstat *k, long ubuf)
{
	struct stat st;

	memset(&st, 0, sizeof(st));
	st.st_dev = k->dev;
	st.st_ino = k->ino;
	st.st_nlink = k->nlink;
	st.st_mode = k->mode;
	st.st_uid = k->uid;
	st.st_gid = k->gid;
	st.st_rdev = k->rdev;
	st.st_size = k->size;
	st.st_blksize = k->blksize;
	st.st_blocks = k->blocks;
	st.st_atime = k->atime.sec;
	st.st_atime_nsec = k->atime.nsec;
	st.st_mtime = k->mtime.sec;
	st.st_mtime_nsec = k->mtime.nsec;
	st.st_ctime = k->ctime.sec;
	st.st_ctime_nsec = k->ctime.nsec;
	return copy_to_user((void *)ubuf, &st, sizeof(st));
}

long do_fstat(long fd, long ubuf)
{
	struct kstat k;
	int err = file_stat_fd(fd, &k);

	return err ? err : stat_put(&k, ubuf);
}

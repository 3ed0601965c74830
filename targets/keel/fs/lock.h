/* SPDX-License-Identifier: Apache-2.0 */
/* Locks on files: record locks (fcntl(2)) and whole ones (flock(2)). */
#ifndef FS_LOCK_H
#define FS_LOCK_H

#include "fs/file.h"
#include "kern/types.h"

struct flock;

/*
 * Record locks of the process never stand in its own way; those of open
 * files (F_OFD_*) and flock's do between two open files.
 */
int lock_record_get(struct file *f, struct flock *fl, bool ofd);
int lock_record_set(
	struct file *f, const struct flock *fl, bool ofd, bool wait);
/* As flock(2): LOCK_SH, LOCK_EX or LOCK_UN, with LOCK_NB or without. */
int lock_whole(struct file *f, int operation);

#endif

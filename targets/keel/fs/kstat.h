/* SPDX-License-Identifier: Apache-2.0 */
/* What stat(2) tells of an open file of any kind; device numbers. */
#ifndef FS_KSTAT_H
#define FS_KSTAT_H

#include "fs/inode.h"

struct file;

int file_stat(struct file *f, struct kstat *st);

/* Device numbers as the program sees them. */
static inline uint64_t dev_make(uint32_t major, uint32_t minor)
{
	return (minor & 0xff) | (major & 0xfffULL) << 8 |
	       (minor & ~0xffULL) << 12;
}
static inline uint32_t dev_major(uint64_t dev)
{
	return dev >> 8 & 0xfff;
}
static inline uint32_t dev_minor(uint64_t dev)
{
	return (dev & 0xff) | (dev >> 12 & 0xffffff00);
}

#endif

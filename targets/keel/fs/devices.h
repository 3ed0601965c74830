/* SPDX-License-Identifier: Apache-2.0 */
/* Devices by number and by name. */
#ifndef FS_DEVICES_H
#define FS_DEVICES_H

#include "fs/kstat.h"

struct file_ops;

enum {
	DEV_MEM = 1,      /* characters: /dev/null and so on */
	DEV_TTY = 5,      /* characters: the terminal */
	DEV_STREAM = 240, /* characters: one of standard input and output */
	DEV_BLOCK = 254,  /* blocks: devices in the order of block_first() */
};

struct device {
	const char *name; /* in /dev */
	uint32_t major, minor, mode;
	const struct file_ops *ops;
};
extern const struct device devices[];
extern const unsigned devices_count;

/* Makes /dev and /dev/shm; -ENOMEM. */
int devfs_mount(void);
/* The inode of /dev/console. */
weak struct inode *devfs_console(void);
/* The file that opening /proc/self/fd/N of a console stream gives. */
int devfs_stream(unsigned stream, struct dentry **out);

#endif

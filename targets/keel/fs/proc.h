/* SPDX-License-Identifier: Apache-2.0 */
/* The folders /proc and /sys, and the text that they share. */
#ifndef FS_PROC_H
#define FS_PROC_H

#include "fs/text.h"

int proc_mount(void); /* -ENOMEM */
int sysfs_mount(void);

/* /proc/self/..., of the one process. */
extern const struct text_entry proc_self_entries[];
extern const unsigned proc_self_count;
/* Makes the folder of open descriptors below /proc/1. */
int proc_fd_add(struct fs *fs);
/* The same of threads (proc_task.c), and how many there are. */
int proc_task_add(struct fs *fs);
unsigned proc_threads(void);

/* proc_mounts.c; the first is /proc/mounts, too. */
void proc_show_mounts(struct text *t);
void proc_show_mountinfo(struct text *t);
/* proc_limits.c */
void proc_show_limits(struct text *t);
void proc_show_auxv(struct text *t);
/* /proc/net, in programs with sockets: net/proc.c. */
extern const struct text_entry proc_net_entries[];
extern const unsigned proc_net_count;
/* The number of the process. */
enum { PROC_PID = 1 };

#endif

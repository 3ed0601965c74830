/* SPDX-License-Identifier: Apache-2.0 */
/* What the stat family shares. */
#ifndef SYS_STAT_H
#define SYS_STAT_H

#include "fs/kstat.h"

int file_stat_fd(long fd, struct kstat *st); /* -EBADF */
/* Into the program's struct stat; -EFAULT. */
int stat_put(const struct kstat *k, long ubuf);

#endif

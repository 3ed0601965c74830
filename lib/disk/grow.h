/* SPDX-License-Identifier: Apache-2.0 */
/* A disk made larger: the last partition grows, the backup table moves. */
#ifndef DISK_GROW_H
#define DISK_GROW_H

#include <stdint.h>

#include "core/err.h"

/* Rounds up to what formats and firmware like: a multiple of 1 MiB. */
uint64_t disk_round_size(uint64_t size);

/*
 * Makes the raw disk of `fd` `size` bytes large, without writing to what is
 * added (a sparse file stays one). What is in the last partition keeps its
 * size. -EINVAL if the disk is larger already.
 */
int disk_grow(int fd, uint64_t size, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Pipes. */
#ifndef FS_PIPE_H
#define FS_PIPE_H

#include "kern/types.h"

struct file;

/* Two ends with one reference each; flags: O_NONBLOCK. -ENOMEM. */
int pipe_new(uint32_t flags, struct file **read_end, struct file **write_end);

#endif

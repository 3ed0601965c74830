/* SPDX-License-Identifier: Apache-2.0 */
/* Signals that are read: signalfd(2). */
#ifndef FS_SIGNALFD_H
#define FS_SIGNALFD_H

#include "kern/types.h"

struct file;

/* With one reference; flags: O_NONBLOCK. NULL: no memory. */
struct file *signalfd_new(uint64_t mask, uint32_t flags);
/* Changes which signals it reads; -EINVAL: it is another kind of file. */
int signalfd_set(struct file *f, uint64_t mask);

#endif

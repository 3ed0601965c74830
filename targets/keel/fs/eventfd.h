/* SPDX-License-Identifier: Apache-2.0 */
/* Counters that can be waited for: eventfd(2). */
#ifndef FS_EVENTFD_H
#define FS_EVENTFD_H

#include "kern/types.h"

struct file;

/* With one reference; flags: O_NONBLOCK. NULL: no memory. */
enum { EVENTFD_COUNTS_DOWN = 1 }; /* each read takes 1 */
struct file *eventfd_new(uint64_t count, uint32_t flags, unsigned mode);

#endif

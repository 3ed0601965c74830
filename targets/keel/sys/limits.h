/* SPDX-License-Identifier: Apache-2.0 */
/* Resource limits. */
#ifndef SYS_LIMITS_H
#define SYS_LIMITS_H

#include "kern/types.h"

/* RLIMIT_*: the limit that counts. For open files it may change. */
uint64_t limit_soft(int resource);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The alternate stack for handlers. */
#ifndef KERN_SIGNAL_STACK_H
#define KERN_SIGNAL_STACK_H

#include "kern/types.h"

#include <linux/signal.h>

/* Whether the program's `sp` is on this thread's alternate stack. */
bool signal_on_alt(uint64_t sp);
/* As sigaltstack(2), of a program whose stack pointer is `sp`: -EPERM,
 * -EINVAL, -ENOMEM. */
int signal_alt_set(const stack_t *new, uint64_t sp);
void signal_alt_get(stack_t *old, uint64_t sp);

#endif

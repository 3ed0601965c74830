/* SPDX-License-Identifier: Apache-2.0 */
/* What the calls that wait for files share: limits of time. */
#ifndef SYS_WAIT_H
#define SYS_WAIT_H

#include "kern/types.h"

/*
 * A limit as a deadline for wait_event; WAIT_NOT: do not wait at all.
 * `unit` is what the second number of the program's pair counts a second in:
 * 10^9 of a timespec, 10^6 of a timeval.
 */
#define WAIT_NOT 0UL
uint64_t wait_deadline(uint64_t ns);
uint64_t wait_deadline_ms(int ms); /* negative: NEVER */
/* From the program; address 0: NEVER; -EFAULT, -EINVAL. */
int wait_get_limit(long utime, uint64_t unit, uint64_t *deadline);
/* What is left goes back to the program, if it can be written there. */
void wait_put_limit(long utime, uint64_t unit, uint64_t deadline);

#endif

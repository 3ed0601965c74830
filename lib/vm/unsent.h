/* SPDX-License-Identifier: Apache-2.0 */
/* Whether TCP peers of a process have all that it sent. */
#ifndef VM_UNSENT_H
#define VM_UNSENT_H

#include <sys/types.h>

/* 1: a socket of the process has bytes that its peer did not acknowledge.
 * What cannot be looked at has none. */
int unsent_by(pid_t pid);

#endif

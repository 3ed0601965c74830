/* SPDX-License-Identifier: Apache-2.0 */
/* Whether TCP peers have all that a process, or a guest in it, sent. */
#ifndef VM_UNSENT_H
#define VM_UNSENT_H

#include <sys/types.h>

/* 1: a socket of the process has bytes that its peer did not acknowledge.
 * What cannot be looked at has none. */
int unsent_by(pid_t pid);

/* The same of QEMU's own network, by what its monitor says to "info
 * usernet": bytes that it acknowledged to the guest and still has. */
int unsent_by_usernet(const char *text);

#endif

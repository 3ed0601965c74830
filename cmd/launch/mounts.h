/* SPDX-License-Identifier: Apache-2.0 */
/* What the container was given that the guest would not see. */
#ifndef LAUNCH_MOUNTS_H
#define LAUNCH_MOUNTS_H

#include "core/err.h"

/*
 * Looks for volumes in a mountinfo file (proc(5)): mounts that are neither
 * the engine's own (/proc, /dev, /sys, /run, files of /etc) nor empty memory
 * (tmpfs). -ENOTSUP and *e name the first: this version has no volumes, and
 * data must not be looked for, or written, where it is not.
 */
int mounts_check(const char *mountinfo, struct err *e);

#endif

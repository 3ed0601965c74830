/* SPDX-License-Identifier: Apache-2.0 */
/* What the container was given besides its root: volumes of the guest. */
#ifndef LAUNCH_MOUNTS_H
#define LAUNCH_MOUNTS_H

#include "core/err.h"
#include "vm/volume.h"

/*
 * Finds volumes in a mountinfo file (proc(5)): all mounts but the engine's
 * own (/proc, /sys, /dev, the three files of /etc, its init). Folders are
 * given as they are; an empty tmpfs with the flags of Docker's --tmpfs becomes
 * memory of the guest; a file or block device at /dev/vdb to /dev/vdz becomes
 * that disk; another file is read, and cannot be written by the guest, unless
 * it lies in a folder that is given anyway. -ENOTSUP and *e name what cannot
 * be given, such as a socket: the program must not look for it in vain.
 */
int mounts_find(const char *mountinfo, struct vm_volumes *out, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* VHDX disks ([MS-VHDX]: Virtual Hard Disk v2 File Format). */
#ifndef DISK_VHDX_H
#define DISK_VHDX_H

#include "core/err.h"

/*
 * Replaces what a writer of VHDX draws at random: GUIDs and sequence numbers
 * of both headers, what is left in the log, the disk's identity in the
 * metadata. -EINVAL: not such a file, or one that was not closed properly.
 */
int vhdx_set_guids(int fd, const char *seed, struct err *e);

#endif

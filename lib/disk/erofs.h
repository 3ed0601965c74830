/* SPDX-License-Identifier: Apache-2.0 */
/* EROFS images: who owns what, set without root after mkfs.erofs ran. */
#ifndef DISK_EROFS_H
#define DISK_EROFS_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct erofs_owner {
	const char *path; /* "etc/passwd"; "" is the root folder */
	unsigned mode;    /* permission bits */
	unsigned uid, gid;
};

/*
 * Sets mode and owners of every inode in an image of 4 KiB blocks; `v` is
 * sorted bytewise by path and lists every one of them. The superblock's
 * checksum is made right again. -EINVAL if the image is not as expected.
 */
int erofs_set_owners(uint8_t *image, size_t size, const struct erofs_owner *v,
	size_t n, struct err *e);

#endif

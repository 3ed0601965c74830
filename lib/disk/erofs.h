/* SPDX-License-Identifier: Apache-2.0 */
/* EROFS images: walked, and owners set without root after mkfs.erofs ran. */
#ifndef DISK_EROFS_H
#define DISK_EROFS_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/* What a walk sees of an inode. */
struct erofs_file {
	const char *path; /* "etc/passwd"; "" is the root folder */
	unsigned mode;    /* with the type, as in st_mode */
	unsigned uid, gid;
	uint64_t size;
	const char *link; /* target of a symbolic link, else NULL */
	size_t link_len;
	/* Content of a regular file, body and then tail; NULL if it is
	 * compressed or shared. */
	const uint8_t *body, *tail;
	size_t body_len, tail_len;
};
typedef int erofs_visit_fn(
	const struct erofs_file *f, void *arg, struct err *e);

/*
 * Visits every name of an image with blocks of 4 KiB, folders before what
 * is in them, sorted within a folder as the image has them. Nothing in the
 * image is trusted. -EINVAL if it is damaged or not EROFS; stops when the
 * visitor returns a negative value.
 */
int erofs_walk(const uint8_t *image, size_t size, erofs_visit_fn *visit,
	void *arg, struct err *e);

struct erofs_owner {
	const char *path; /* as above */
	unsigned mode;    /* permission bits */
	unsigned uid, gid;
	int64_t mtime; /* 0: it keeps the one that it has */
};

/*
 * Sets mode, owners and times of every inode in an image of 4 KiB blocks; `v`
 * is sorted bytewise by path and lists every one of them. The superblock's
 * checksum is made right again. -EINVAL if the image is not as expected.
 */
int erofs_set_owners(uint8_t *image, size_t size, const struct erofs_owner *v,
	size_t n, struct err *e);

#endif

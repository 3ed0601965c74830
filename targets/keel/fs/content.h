/* SPDX-License-Identifier: Apache-2.0 */
/* The content of regular files, read and written from anywhere. */
#ifndef FS_CONTENT_H
#define FS_CONTENT_H

#include "fs/inode.h"

/* A buffer: the program's address, or keel's own memory. */
struct iobuf {
	char *p;
	bool kernel;
};

/* Counts, or -EFAULT, -EIO, -ENOMEM when not a byte was moved. */
long content_read(struct inode *ino, struct iobuf b, size_t n, uint64_t pos);
/* Grows the file as needed; -ENOSPC, -EFBIG. Takes the inode's lock. */
long content_write(struct inode *ino, struct iobuf b, size_t n, uint64_t pos);
/* As content_write at the end; the place behind it in *pos. */
long content_append(struct inode *ino, struct iobuf b, size_t n, uint64_t *pos);
/* fallocate(2): mode is FALLOC_FL_*. */
int content_allocate(
	struct inode *ino, int mode, uint64_t offset, uint64_t len);
/* lseek(2) for SEEK_DATA and SEEK_HOLE; -ENXIO. */
int64_t content_seek(struct inode *ino, uint64_t offset, bool data);

#endif

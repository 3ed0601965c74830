/* SPDX-License-Identifier: Apache-2.0 */
/* Files whose text is made when they are read: /proc, /sys. */
#ifndef FS_TEXT_H
#define FS_TEXT_H

#include "fs/dentry.h"

struct file;

/* Text that grows; after `failed` (no memory) nothing is added. */
struct text {
	char *p;
	size_t len, size;
	bool failed;
};
void text_add(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void text_add_bytes(struct text *t, const void *p, size_t n);

typedef void text_show(struct text *t);
/* The target of a link: length, or -errno. */
typedef long text_link(char *dst, size_t size);
long text_link_copy(char *dst, size_t size, const char *target);

/* An entry of a generated tree. A path without show and link is a folder;
 * folders stand before what is in them. */
struct text_entry {
	const char *path; /* below the root of the tree */
	text_show *show;
	text_link *link;
	int (*jump)(struct inode *ino, struct dentry **out);
};
/* lseek in a file without a size. */
long text_seek(struct file *f, int64_t offset, int whence);
int text_tree(struct fs *fs, const struct text_entry *e, unsigned n);

#endif

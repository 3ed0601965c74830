/* SPDX-License-Identifier: Apache-2.0 */
/* Mounted file systems, and the way up from a name to the root. */
#include <asm/errno.h>

#include "fs/dentry.h"
#include "kern/string.h"
#include "mm/kmalloc.h"

struct fs *mount_first;

struct fs *mount_new(const char *type, uint32_t magic)
{
	static uint32_t next_dev = 0x14;
	struct fs *fs = kzalloc(sizeof(*fs));

	if (!fs)
		return NULL;
	fs->type = type;
	fs->magic = magic;
	fs->dev = next_dev++;
	return fs;
}

void mount_at(struct fs *fs, struct dentry *on)
{
	struct fs **p = &mount_first;

	if (on) {
		dentry_get(on);
		on->mounted = true;
		fs->covered = on;
	}
	while (*p)
		p = &(*p)->next;
	*p = fs;
}

struct dentry *mount_top(struct dentry *d)
{
	while (d->mounted) {
		struct fs *fs = mount_first;

		while (fs && fs->covered != d)
			fs = fs->next;
		if (!fs)
			break;
		d = fs->root;
	}
	return d;
}

struct dentry *mount_parent(struct dentry *d)
{
	while (d == d->fs->root && d->fs->covered)
		d = d->fs->covered;
	return mount_top(d->parent);
}

bool dentry_is_above(const struct dentry *a, const struct dentry *d)
{
	while (d != a && d->parent != d)
		d = d->parent;
	return d == a;
}

int dentry_path(
	struct dentry *d, char *buf, size_t size, char **path, bool *deleted)
{
	char *p = buf + size;

	*deleted = false;
	*--p = 0;
	for (;;) {
		while (d == d->fs->root && d->fs->covered)
			d = d->fs->covered;
		if (d == d->fs->root)
			break;
		if (!d->hashed)
			*deleted = true;
		if ((size_t)(p - buf) < d->name.len + 1)
			return -ENAMETOOLONG;
		p -= d->name.len;
		memcpy(p, d->name.s, d->name.len);
		*--p = '/';
		d = d->parent;
	}
	if (!*p)
		*--p = '/';
	*path = p;
	return 0;
}

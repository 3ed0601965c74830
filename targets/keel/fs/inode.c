/* SPDX-License-Identifier: Apache-2.0 */
/* Inodes: references, the numbers of lower ones, times, status. */
#include "fs/inode.h"

#include <asm/errno.h>

#include "fs/remote.h"
#include "kern/time.h"
#include "mm/kmalloc.h"

enum { HASH_SIZE = 256 };

/* Inodes found by number, under vfs_lock. */
static struct inode *hash[HASH_SIZE];

static struct inode **bucket(const struct fs *fs, uint64_t nid)
{
	return &hash[(nid ^ nid >> 8 ^ fs->dev) % HASH_SIZE];
}

struct ktime ktime_now(void)
{
	uint64_t ns = clock_realtime();

	return (struct ktime){ns / 1000000000, ns % 1000000000};
}

struct ktime ktime_boot(void)
{
	uint64_t ns = clock_realtime() - clock_now();

	return (struct ktime){ns / 1000000000, ns % 1000000000};
}

struct inode *inode_new(struct fs *fs, uint32_t mode)
{
	struct inode *ino = kzalloc(sizeof(*ino));

	if (!ino)
		return NULL;
	ino->count = 1;
	ino->mode = mode;
	ino->nlink = 1;
	ino->fs = fs;
	ino->ino = ++fs->next_ino;
	ino->btime = ino->atime = ino->mtime = ino->ctime = ktime_now();
	ino->next_cookie = 2; /* after "." and ".." */
	ino->loaded = true;
	return ino;
}

void inode_get(struct inode *ino)
{
	__atomic_add_fetch(&ino->count, 1, __ATOMIC_RELAXED);
}

static void unhash(struct inode *ino)
{
	struct inode **p = bucket(ino->fs, ino->nid);

	while (*p && *p != ino)
		p = &(*p)->hash_next;
	if (*p)
		*p = ino->hash_next;
}

void inode_put(struct inode *ino)
{
	if (!ino || __atomic_sub_fetch(&ino->count, 1, __ATOMIC_ACQ_REL))
		return;
	if (ino->lower) {
		/* What differs from the lower file is remembered. */
		if ((ino->changed || ino->dir_changed) && ino->nlink &&
			!ino->fs->remote)
			return;
		unhash(ino);
	}
	if (ino->fs->remote)
		ino->fs->remote->release(ino);
	pagecache_free(ino);
	kfree(ino->link);
	kfree(ino);
}

struct inode *inode_find(struct fs *fs, uint64_t nid)
{
	struct inode *ino = *bucket(fs, nid);

	while (ino && (ino->nid != nid || ino->fs != fs))
		ino = ino->hash_next;
	if (ino)
		inode_get(ino);
	return ino;
}

void inode_remember(struct inode *ino, uint64_t nid)
{
	struct inode **b = bucket(ino->fs, nid);

	ino->nid = nid;
	ino->lower = true;
	ino->hash_next = *b;
	*b = ino;
}

void inode_forget(struct inode *ino)
{
	unhash(ino);
	ino->lower = false;
}

int inode_lower(struct fs *fs, const struct inode_ops *ops, uint64_t nid,
	struct inode **out)
{
	struct inode *ino = inode_find(fs, nid);
	int err = 0;

	if (!ino) {
		err = ops->get(fs, nid, &ino);
		if (err)
			return err;
		inode_remember(ino, nid);
		ino->loaded = false;
		ino->pages.ndata =
			(ino->lower_size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	}
	*out = ino;
	return 0;
}

void inode_stat(struct inode *ino, struct kstat *st)
{
	*st = (struct kstat){
		.dev = ino->fs->dev,
		.ino = ino->ino,
		.rdev = ino->rdev,
		.size = ino->size,
		.blocks = ino->pages.ndata * (PAGE_SIZE / 512),
		.mode = ino->mode,
		.nlink = ino->nlink,
		.uid = ino->uid,
		.gid = ino->gid,
		.blksize = PAGE_SIZE,
		.atime = ino->atime,
		.mtime = ino->mtime,
		.ctime = ino->ctime,
		.btime = ino->btime,
	};
}

void inode_touch(struct inode *ino, unsigned which)
{
	struct ktime now = ktime_now();

	if (which & TOUCH_A)
		ino->atime = now;
	if (which & TOUCH_M)
		ino->mtime = now;
	if (which & TOUCH_C)
		ino->ctime = now;
	ino->changed = true;
}

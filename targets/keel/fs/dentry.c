/* SPDX-License-Identifier: Apache-2.0 */
/* Names in directories, as far as they are in memory. */
#include "fs/dentry.h"

#include <asm/errno.h>

#include "fs/remote.h"
#include "kern/string.h"
#include "mm/kmalloc.h"

enum { HASH_FIRST = 64 };

struct mutex vfs_lock;
unsigned dentry_keep = 1024;

static struct dentry *hash_first[HASH_FIRST];
static struct {
	struct dentry **bucket;
	unsigned nbuckets; /* a power of two */
	unsigned count;    /* names in memory */
	unsigned loose;    /* those that are not pinned */
	unsigned prune_at; /* so many loose ones are too many */
	unsigned hand;     /* where pruning goes on */
} cache = {.bucket = hash_first, .nbuckets = HASH_FIRST};

static uint32_t hash_of(const struct dentry *dir, struct name name)
{
	return name_hash(name) ^ (uint32_t)((uintptr_t)dir >> 4) * 2654435761u;
}

void dentry_get(struct dentry *d)
{
	d->count++;
}

/* The parent, whose reference goes over to the caller; NULL for a root. */
static struct dentry *dentry_free(struct dentry *d)
{
	struct dentry *parent = d->parent == d ? NULL : d->parent;

	if (d->inode && d->inode->self == d)
		d->inode->self = NULL;
	inode_put(d->inode);
	kfree((void *)(uintptr_t)d->name.s);
	kfree(d);
	return parent;
}

static int copy_name(struct name *dst, struct name name)
{
	char *s = kmalloc(name.len + 1);

	if (!s)
		return -ENOMEM;
	memcpy(s, name.s, name.len);
	s[name.len] = 0;
	*dst = (struct name){s, name.len};
	return 0;
}

static struct dentry *dentry_alloc(struct dentry *parent, struct name name)
{
	struct dentry *d = kzalloc(sizeof(*d));

	if (!d)
		return NULL;
	if (copy_name(&d->name, name)) {
		kfree(d);
		return NULL;
	}
	if (parent) {
		dentry_get(parent);
		d->parent = parent;
		d->fs = parent->fs;
	} else {
		d->parent = d;
	}
	return d;
}

static void set_inode(struct dentry *d, struct inode *ino)
{
	d->inode = ino;
	d->type = inode_type(ino) >> 12;
	if (inode_is_dir(ino))
		ino->self = d;
}

struct dentry *dentry_new_free(struct fs *fs, struct dentry *parent,
	struct name name, struct inode *ino)
{
	struct dentry *d = dentry_alloc(parent, name);

	if (!d)
		return NULL;
	d->fs = fs;
	d->count = 1;
	set_inode(d, ino);
	return d;
}

/* --- the hash and the list of children ------------------------------------*/

/* Twice as many buckets; without memory the chains get longer. */
static void hash_grow(void)
{
	unsigned n = cache.nbuckets * 2;
	struct dentry **b = kzalloc(n * sizeof(void *));

	if (!b)
		return;
	for (unsigned i = 0; i < cache.nbuckets; i++) {
		struct dentry *d = cache.bucket[i], *next;

		for (; d; d = next) {
			next = d->hash_next;
			d->hash_next = b[d->hash & (n - 1)];
			b[d->hash & (n - 1)] = d;
		}
	}
	if (cache.bucket != hash_first)
		kfree(cache.bucket);
	cache.bucket = b;
	cache.nbuckets = n;
}

static void list_append(struct dentry *d)
{
	struct inode *dir = d->parent->inode;

	d->prev = dir->last_child;
	d->next = NULL;
	if (dir->last_child)
		dir->last_child->next = d;
	else
		dir->first_child = d;
	dir->last_child = d;
	d->cookie = dir->next_cookie++;
}

static void list_remove(struct dentry *d)
{
	struct inode *dir = d->parent->inode;

	if (d->prev)
		d->prev->next = d->next;
	else
		dir->first_child = d->next;
	if (d->next)
		d->next->prev = d->prev;
	else
		dir->last_child = d->prev;
}

static void attach(struct dentry *d)
{
	struct dentry **b;

	if (cache.count > cache.nbuckets)
		hash_grow();
	d->hash = hash_of(d->parent, d->name);
	b = &cache.bucket[d->hash & (cache.nbuckets - 1)];
	d->hash_next = *b;
	*b = d;
	d->hashed = true;
	cache.count++;
	cache.loose += !d->pinned;
	list_append(d);
}

static void detach(struct dentry *d)
{
	struct dentry **p = &cache.bucket[d->hash & (cache.nbuckets - 1)];

	while (*p != d)
		p = &(*p)->hash_next;
	*p = d->hash_next;
	d->hashed = false;
	cache.count--;
	cache.loose -= !d->pinned;
	list_remove(d);
}

/* Removed folders may hang on each other in a long chain: no recursion. What
 * nobody uses is kept for later, but not of remote file systems. */
void dentry_put(struct dentry *d)
{
	while (d && --d->count == 0 && (!d->hashed || d->fs->remote)) {
		if (d->hashed)
			detach(d);
		d = dentry_free(d);
	}
}

static struct dentry *find(struct dentry *dir, struct name name)
{
	uint32_t h = hash_of(dir, name);
	struct dentry *d = cache.bucket[h & (cache.nbuckets - 1)];

	while (d && !(d->hash == h && d->parent == dir &&
			    name_equal(d->name, name)))
		d = d->hash_next;
	return d;
}

/* --- lower names ----------------------------------------------------------*/

static struct dentry *add_lower(
	struct dentry *dir, struct name name, uint64_t nid, unsigned type)
{
	struct dentry *d = dentry_alloc(dir, name);

	if (!d)
		return NULL;
	d->nid = nid;
	d->type = type;
	attach(d);
	return d;
}

static int load_one(void *arg, struct name name, uint64_t nid, unsigned type)
{
	struct dentry *dir = arg, *d = find(dir, name);

	if (d) {
		list_remove(d);
		list_append(d);
		return 0;
	}
	return add_lower(dir, name, nid, type) ? 0 : -ENOMEM;
}

int dentry_load(struct dentry *dir)
{
	struct inode *ino = dir->inode;
	int err;

	if (ino->loaded || !ino->ops || !ino->ops->list)
		return 0;
	ino->next_cookie = 2;
	err = ino->ops->list(ino, load_one, dir);
	if (!err)
		ino->loaded = true;
	return err;
}

/* A name whose inode is made for this one use. */
static int lookup_dynamic(
	struct dentry *dir, struct name name, struct dentry **out)
{
	struct inode *ino;
	uint64_t nid;
	int err = dir->inode->ops->lookup(dir->inode, name, &nid);

	if (!err)
		err = dir->inode->ops->get(dir->fs, nid, &ino);
	if (err)
		return err;
	*out = dentry_new_free(dir->fs, dir, name, ino);
	if (!*out) {
		inode_put(ino);
		return -ENOMEM;
	}
	return 0;
}

static int read_inode(struct dentry *dir, struct dentry *d)
{
	struct inode *ino;
	int err = inode_lower(d->fs, dir->inode->ops, d->nid, &ino);

	if (err)
		return err;
	/* A directory with two names would be a loop. */
	if (inode_is_dir(ino) && ino->self) {
		inode_put(ino);
		return -EIO;
	}
	set_inode(d, ino);
	return 0;
}

int dentry_adopt(struct dentry *dir, struct name name, struct inode *ino,
	struct dentry **out)
{
	struct dentry *d = dentry_alloc(dir, name);

	if (!d) {
		inode_put(ino);
		return -ENOMEM;
	}
	set_inode(d, ino);
	attach(d);
	dentry_get(d);
	*out = d;
	return 0;
}

/* A name that is in use is asked for again, too: if another file has it now,
 * the users of the old one keep that. Mount points stay. */
static int lookup_remote(
	struct dentry *dir, struct name name, struct dentry **out)
{
	struct dentry *d = find(dir, name);
	struct inode *ino;
	int err;

	if (!d || !d->mounted) {
		err = dir->fs->remote->lookup(dir->inode, name, &ino);
		if (d && (err || d->inode != ino))
			detach(d);
		if (err)
			return err;
		if (!d || d->inode != ino)
			return dentry_adopt(dir, name, ino, out);
		inode_put(ino);
	}
	dentry_get(d);
	*out = d;
	return 0;
}

int dentry_lookup(struct dentry *dir, struct name name, struct dentry **out)
{
	struct inode *ino = dir->inode;
	struct dentry *d;
	uint64_t nid;
	int err;

	if (dir->fs->remote)
		return lookup_remote(dir, name, out);
	if (ino->dynamic)
		return lookup_dynamic(dir, name, out);
	d = find(dir, name);
	if (!d) {
		if (ino->loaded || !ino->ops || !ino->ops->lookup)
			return -ENOENT;
		err = ino->ops->lookup(ino, name, &nid);
		if (err)
			return err;
		d = add_lower(dir, name, nid, 0);
		if (!d)
			return -ENOMEM;
	}
	if (!d->inode) {
		err = read_inode(dir, d);
		if (err)
			return err;
	}
	d->used = true;
	dentry_get(d);
	*out = d;
	return 0;
}

/* --- changes --------------------------------------------------------------*/

static void pin(struct dentry *d)
{
	if (d->pinned || d->fs->remote)
		return;
	d->pinned = true;
	cache.loose -= d->hashed;
	dentry_get(d);
}

static void dir_change(struct dentry *dir)
{
	dir->inode->dir_changed = true;
	inode_touch(dir->inode, TOUCH_M | TOUCH_C);
}

int dentry_add(struct dentry *dir, struct name name, struct inode *ino,
	struct dentry **out)
{
	struct dentry *d;

	inode_get(ino);
	if (dentry_adopt(dir, name, ino, &d))
		return -ENOMEM;
	pin(d);
	dentry_put(d);
	dir_change(dir);
	if (out)
		*out = d;
	return 0;
}

void dentry_remove(struct dentry *d)
{
	detach(d);
	dir_change(d->parent);
	if (d->pinned) {
		d->pinned = false;
		dentry_put(d); /* not the last: the caller has one */
	}
}

/* Gives a detached dentry its new place; takes over the name's memory. */
static void settle(struct dentry *d, struct dentry *dir, struct name name)
{
	struct dentry *old = d->parent;

	kfree((void *)(uintptr_t)d->name.s);
	d->name = name;
	dentry_get(dir);
	d->parent = dir;
	attach(d);
	pin(d);
	dir_change(dir);
	dir_change(old);
	dentry_put(old);
}

int dentry_move(struct dentry *d, struct dentry *dir, struct name name,
	struct dentry *over)
{
	struct name copy;

	if (copy_name(&copy, name))
		return -ENOMEM;
	if (over)
		dentry_remove(over);
	detach(d);
	settle(d, dir, copy);
	return 0;
}

int dentry_exchange(struct dentry *a, struct dentry *b)
{
	struct dentry *dir_a = a->parent, *dir_b = b->parent;
	struct name name_a, name_b;

	if (copy_name(&name_a, a->name))
		return -ENOMEM;
	if (copy_name(&name_b, b->name)) {
		kfree((void *)(uintptr_t)name_a.s);
		return -ENOMEM;
	}
	detach(a);
	detach(b);
	dentry_get(dir_a);
	settle(a, dir_b, name_b);
	settle(b, dir_a, name_a);
	dentry_put(dir_a);
	return 0;
}

int dentry_is_empty(struct dentry *dir)
{
	int err = dentry_load(dir);

	return err ? err : !dir->inode->first_child;
}

/* --- forgetting -----------------------------------------------------------*/

static bool can_forget(struct dentry *d)
{
	struct inode *ino = d->inode;

	if (d->count || d->parent->inode->dir_changed)
		return false;
	if (ino && (ino->count > 1 || ino->changed || ino->dir_changed))
		return false;
	if (d->used) {
		d->used = false;
		return false;
	}
	return true;
}

/* Some buckets: what nobody uses goes, what was used is spared once. */
static void sweep(unsigned nbuckets, unsigned keep)
{
	while (nbuckets-- && cache.loose > keep) {
		struct dentry *d, *next;

		cache.hand = (cache.hand + 1) & (cache.nbuckets - 1);
		d = cache.bucket[cache.hand];
		for (; d; d = next) {
			next = d->hash_next;
			if (!can_forget(d))
				continue;
			d->parent->inode->loaded = false;
			detach(d);
			dentry_put(dentry_free(d));
		}
	}
}

void dentry_prune(void)
{
	if (cache.loose <= MAX(dentry_keep, cache.prune_at))
		return;
	sweep(2 * cache.nbuckets, dentry_keep / 2);
	/* If many are in use, the next attempt waits for more. */
	cache.prune_at = cache.loose + cache.loose / 4;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* EROFS images: walks the folders of an image; sets modes and owners. */
#include "disk/erofs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/mem.h"
#include "disk/crc32c.h"

/* On-disk format: Linux, Documentation/filesystems/erofs.rst. */
enum {
	BLOCK = 4096,
	SUPER = 1024,
	SUPER_MAGIC = SUPER,
	SUPER_CHECKSUM = SUPER + 4,
	SUPER_COMPAT = SUPER + 8,
	SUPER_BLOCK_BITS = SUPER + 12,
	SUPER_ROOT_NID = SUPER + 14,
	SUPER_META = SUPER + 40,
	COMPAT_CHECKSUM = 1,
	NID_SIZE = 32,
	INODE_MAX = 64,
	DIRENT = 12,
	LAYOUT_PLAIN = 0,
	LAYOUT_INLINE = 2,
	TYPE_DIR = 2, /* file type of a folder in a dirent */
	DEPTH_MAX = 128,
};
#define MAGIC 0xe0f5e1e2u

struct image;
typedef int inode_fn(struct image *im, const uint8_t *inode, const char *path,
	struct err *e);

struct image {
	const uint8_t *p;
	size_t size;
	uint64_t meta;
	inode_fn *fn; /* called for every name */
	uint64_t names;
	/* of erofs_walk */
	erofs_visit_fn *visit;
	void *arg;
	/* of erofs_set_owners */
	uint8_t *writable; /* the same bytes as p */
	const struct erofs_owner *v;
	size_t n, seen;
};

/* Where the data of an inode is. */
struct extent {
	uint64_t size, blocks_at, tail_at;
	int has_tail;
};

static uint64_t get_le(const uint8_t *p, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static void put_le(uint8_t *p, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static int damaged(struct err *e, const char *what)
{
	return err_set(e, -EINVAL, "EROFS image: %s", what);
}

static const uint8_t *find_inode(const struct image *im, uint64_t nid)
{
	uint64_t at;

	if (nid > im->size / NID_SIZE)
		return NULL;
	at = im->meta + nid * NID_SIZE;
	if (at > im->size || im->size - at < INODE_MAX)
		return NULL;
	return im->p + at;
}

static unsigned layout_of(const uint8_t *inode)
{
	return inode[0] >> 1 & 7;
}

/* The data is in one piece, but for a tail beside the inode. */
static int is_flat(const uint8_t *inode)
{
	unsigned layout = layout_of(inode);

	return layout == LAYOUT_PLAIN || layout == LAYOUT_INLINE;
}

static int find_extent(const struct image *im, const uint8_t *inode,
	struct extent *x, struct err *e)
{
	int extended = inode[0] & 1;
	unsigned xattrs = (unsigned)get_le(inode + 2, 2);

	if (!is_flat(inode))
		return damaged(e, "a folder or link is compressed");
	x->size = get_le(inode + 8, extended ? 8 : 4);
	x->blocks_at = get_le(inode + 16, 4) * BLOCK;
	x->has_tail = layout_of(inode) == LAYOUT_INLINE;
	x->tail_at = (uint64_t)(inode - im->p) + (extended ? 64 : 32) +
		     (xattrs ? 12 + 4ull * (xattrs - 1) : 0);
	if (x->size > im->size)
		return damaged(e, "a file is larger than the image");
	return 0;
}

/* The nth block of the data and how much of it is used. */
static const uint8_t *extent_block(
	const struct image *im, const struct extent *x, uint64_t n, size_t *len)
{
	uint64_t left = x->size - n * BLOCK;
	uint64_t at = x->blocks_at + n * BLOCK;

	*len = left < BLOCK ? (size_t)left : BLOCK;
	if (x->has_tail && left < BLOCK)
		at = x->tail_at;
	if (at > im->size || *len > im->size - at)
		return NULL;
	return im->p + at;
}

static int walk(struct image *im, uint64_t nid, const char *path,
	unsigned depth, struct err *e);

static int visit_entry(struct image *im, const uint8_t *entry, const char *name,
	size_t len, const char *path, unsigned depth, struct err *e)
{
	uint64_t nid = get_le(entry, 8);
	_free_ char *child = NULL;
	const uint8_t *inode;

	if ((len == 1 && name[0] == '.') ||
		(len == 2 && name[0] == '.' && name[1] == '.'))
		return 0;
	/* each name has an entry of its own, unless folders form a ring */
	if (++im->names > im->size / DIRENT)
		return damaged(e, "folders hold each other");
	child = xasprintf("%s%s%.*s", path, *path ? "/" : "", (int)len, name);
	if (entry[10] == TYPE_DIR)
		return walk(im, nid, child, depth + 1, e);
	inode = find_inode(im, nid);
	if (!inode)
		return damaged(e, "inode outside the image");
	return im->fn(im, inode, child, e);
}

static int walk_block(struct image *im, const uint8_t *block, size_t len,
	const char *path, unsigned depth, struct err *e)
{
	size_t first, n, start, end;
	int r;

	if (len < DIRENT)
		return damaged(e, "a folder's block is too short");
	first = get_le(block + 8, 2);
	n = first / DIRENT;
	if (n == 0 || first > len || first % DIRENT)
		return damaged(e, "a folder's block has a bad table");
	for (size_t i = 0; i < n; i++) {
		const uint8_t *entry = block + i * DIRENT;

		start = get_le(entry + 8, 2);
		end = i + 1 < n ? get_le(entry + DIRENT + 8, 2) : len;
		if (start < first || end > len || start >= end)
			return damaged(e, "a folder's block has a bad name");
		r = visit_entry(im, entry, (const char *)block + start,
			strnlen((const char *)block + start, end - start), path,
			depth, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int walk(struct image *im, uint64_t nid, const char *path,
	unsigned depth, struct err *e)
{
	const uint8_t *inode = find_inode(im, nid);
	struct extent x = {0};
	int r;

	if (!inode)
		return damaged(e, "inode outside the image");
	if (depth > DEPTH_MAX)
		return damaged(e, "folders are nested too deeply");
	r = find_extent(im, inode, &x, e);
	if (r == 0)
		r = im->fn(im, inode, path, e);
	for (uint64_t n = 0; r == 0 && n * BLOCK < x.size; n++) {
		size_t len;
		const uint8_t *block = extent_block(im, &x, n, &len);

		if (!block)
			return damaged(e, "a folder lies outside the image");
		r = walk_block(im, block, len, path, depth, e);
	}
	return r;
}

static int walk_image(struct image *im, struct err *e)
{
	if (im->size < BLOCK || get_le(im->p + SUPER_MAGIC, 4) != MAGIC ||
		im->p[SUPER_BLOCK_BITS] != 12)
		return damaged(e, "no superblock with 4 KiB blocks");
	im->meta = get_le(im->p + SUPER_META, 4) * BLOCK;
	return walk(im, get_le(im->p + SUPER_ROOT_NID, 2), "", 0, e);
}

static int compare_owners(const void *a, const void *b)
{
	const struct erofs_owner *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static int set_owner(
	struct image *im, const uint8_t *at, const char *path, struct err *e)
{
	uint8_t *inode = im->writable + (at - im->p);
	struct erofs_owner key = {.path = path}, *o;
	int extended = inode[0] & 1;
	uint64_t mode;

	o = bsearch(&key, im->v, im->n, sizeof(*im->v), compare_owners);
	if (!o)
		return damaged(e, "a file that nobody asked for");
	if (!extended && (o->uid > 0xffff || o->gid > 0xffff))
		return damaged(e, "compact inode, large owner");
	mode = (get_le(inode + 4, 2) & ~07777ull) | (o->mode & 07777);
	put_le(inode + 4, mode, 2);
	put_le(inode + 24, o->uid, extended ? 4 : 2);
	put_le(inode + (extended ? 28 : 26), o->gid, extended ? 4 : 2);
	if (extended && o->mtime)
		put_le(inode + 32, (uint64_t)o->mtime, 8);
	im->seen++;
	return 0;
}

int erofs_set_owners(uint8_t *p, size_t size, const struct erofs_owner *v,
	size_t n, struct err *e)
{
	struct image im = {.p = p,
		.size = size,
		.fn = set_owner,
		.writable = p,
		.v = v,
		.n = n};
	int r = walk_image(&im, e);

	if (r < 0)
		return r;
	if (im.seen != n)
		return damaged(e, "some files are missing");
	if (get_le(p + SUPER_COMPAT, 4) & COMPAT_CHECKSUM) {
		put_le(p + SUPER_CHECKSUM, 0, 4);
		put_le(p + SUPER_CHECKSUM, crc32c(p + SUPER, BLOCK - SUPER), 4);
	}
	return 0;
}

/* The body ends where the tail begins, which lies beside the inode. */
static int find_content(const struct image *im, const uint8_t *inode,
	struct erofs_file *f, struct err *e)
{
	struct extent x = {0};
	int r = find_extent(im, inode, &x, e);

	if (r < 0)
		return r;
	f->tail_len = x.has_tail ? x.size % BLOCK : 0;
	f->body_len = x.size - f->tail_len;
	f->body = im->p + x.blocks_at;
	f->tail = im->p + x.tail_at;
	if ((f->body_len && (x.blocks_at > im->size ||
				    f->body_len > im->size - x.blocks_at)) ||
		(f->tail_len && (x.tail_at > im->size ||
					f->tail_len > im->size - x.tail_at)))
		return damaged(e, "a file lies outside the image");
	if (!f->body_len)
		f->body = im->p;
	return 0;
}

static int show(
	struct image *im, const uint8_t *inode, const char *path, struct err *e)
{
	int extended = inode[0] & 1;
	struct erofs_file f = {.path = path,
		.mode = (unsigned)get_le(inode + 4, 2),
		.uid = (unsigned)get_le(inode + 24, extended ? 4 : 2),
		.gid = (unsigned)get_le(
			inode + (extended ? 28 : 26), extended ? 4 : 2),
		.size = get_le(inode + 8, extended ? 8 : 4)};
	struct extent x = {0};
	int r;

	if (S_ISLNK(f.mode) && f.size < BLOCK) {
		r = find_extent(im, inode, &x, e);
		if (r < 0)
			return r;
		f.link = (const char *)extent_block(im, &x, 0, &f.link_len);
		if (!f.link)
			return damaged(e, "a link lies outside the image");
	}
	if (S_ISREG(f.mode) && is_flat(inode)) {
		r = find_content(im, inode, &f, e);
		if (r < 0)
			return r;
	}
	return im->visit(&f, im->arg, e);
}

int erofs_walk(const uint8_t *p, size_t size, erofs_visit_fn *visit, void *arg,
	struct err *e)
{
	struct image im = {
		.p = p, .size = size, .fn = show, .visit = visit, .arg = arg};

	return walk_image(&im, e);
}

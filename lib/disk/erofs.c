/* SPDX-License-Identifier: Apache-2.0 */
/* EROFS images: walks the folders of an image and sets modes and owners. */
#include "disk/erofs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

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
	DIRENT = 12,
	LAYOUT_PLAIN = 0,
	LAYOUT_INLINE = 2,
	TYPE_DIR = 2, /* file type of a folder in a dirent */
	DEPTH_MAX = 128,
};
#define MAGIC 0xe0f5e1e2u

struct image {
	uint8_t *p;
	size_t size;
	uint64_t meta;
	const struct erofs_owner *v;
	size_t n, seen;
};

struct folder {
	const uint8_t *inode;
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

/* CRC-32C (Castagnoli), reflected, as the superblock uses it. */
static uint32_t crc32c(const uint8_t *p, size_t n)
{
	uint32_t crc = ~0u;

	while (n--) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return crc;
}

static int damaged(struct err *e, const char *what)
{
	return err_set(e, -EINVAL, "EROFS image: %s", what);
}

static uint8_t *find_inode(const struct image *im, uint64_t nid)
{
	uint64_t at;

	if (nid > im->size / NID_SIZE)
		return NULL;
	at = im->meta + nid * NID_SIZE;
	if (at > im->size || im->size - at < 2 * NID_SIZE)
		return NULL;
	return im->p + at;
}

static int set_owner(
	struct image *im, uint8_t *inode, const char *path, struct err *e)
{
	size_t low = 0, high = im->n;
	int extended = inode[0] & 1;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct erofs_owner *o = &im->v[mid];
		int order = strcmp(path, o->path);

		if (order == 0) {
			uint64_t mode = get_le(inode + 4, 2);

			if (!extended && (o->uid > 0xffff || o->gid > 0xffff))
				return damaged(e, "compact inode, large owner");
			mode = (mode & ~07777ull) | (o->mode & 07777);
			put_le(inode + 4, mode, 2);
			put_le(inode + 24, o->uid, extended ? 4 : 2);
			put_le(inode + (extended ? 28 : 26), o->gid,
				extended ? 4 : 2);
			im->seen++;
			return 0;
		}
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return damaged(e, "a file that nobody asked for");
}

static int open_folder(
	struct image *im, uint64_t nid, struct folder *f, struct err *e)
{
	const uint8_t *inode = find_inode(im, nid);
	unsigned layout, xattrs;
	int extended;

	if (!inode)
		return damaged(e, "inode outside the image");
	extended = inode[0] & 1;
	layout = inode[0] >> 1 & 7;
	xattrs = (unsigned)get_le(inode + 2, 2);
	if (layout != LAYOUT_PLAIN && layout != LAYOUT_INLINE)
		return damaged(e, "a folder is compressed");
	f->inode = inode;
	f->size = get_le(inode + 8, extended ? 8 : 4);
	f->blocks_at = get_le(inode + 16, 4) * BLOCK;
	f->has_tail = layout == LAYOUT_INLINE;
	f->tail_at = (uint64_t)(inode - im->p) + (extended ? 64 : 32) +
		     (xattrs ? 12 + 4ull * (xattrs - 1) : 0);
	if (f->size > im->size)
		return damaged(e, "a folder is larger than the image");
	return 0;
}

/* The nth block of a folder and how much of it is used. */
static const uint8_t *folder_block(
	const struct image *im, const struct folder *f, uint64_t n, size_t *len)
{
	uint64_t left = f->size - n * BLOCK;
	uint64_t at = f->blocks_at + n * BLOCK;

	*len = left < BLOCK ? (size_t)left : BLOCK;
	if (f->has_tail && left < BLOCK)
		at = f->tail_at;
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
	uint8_t *inode;

	if ((len == 1 && name[0] == '.') ||
		(len == 2 && name[0] == '.' && name[1] == '.'))
		return 0;
	child = xasprintf("%s%s%.*s", path, *path ? "/" : "", (int)len, name);
	if (entry[10] == TYPE_DIR)
		return walk(im, nid, child, depth + 1, e);
	inode = find_inode(im, nid);
	if (!inode)
		return damaged(e, "inode outside the image");
	return set_owner(im, inode, child, e);
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
	struct folder f = {0};
	int r;

	if (depth > DEPTH_MAX)
		return damaged(e, "folders are nested too deeply");
	r = open_folder(im, nid, &f, e);
	if (r < 0)
		return r;
	r = set_owner(im, im->p + (f.inode - im->p), path, e);
	for (uint64_t n = 0; r == 0 && n * BLOCK < f.size; n++) {
		size_t len;
		const uint8_t *block = folder_block(im, &f, n, &len);

		if (!block)
			return damaged(e, "a folder lies outside the image");
		r = walk_block(im, block, len, path, depth, e);
	}
	return r;
}

int erofs_set_owners(uint8_t *p, size_t size, const struct erofs_owner *v,
	size_t n, struct err *e)
{
	struct image im = {.p = p, .size = size, .v = v, .n = n};
	int r;

	if (size < BLOCK || get_le(p + SUPER_MAGIC, 4) != MAGIC ||
		p[SUPER_BLOCK_BITS] != 12)
		return damaged(e, "no superblock with 4 KiB blocks");
	im.meta = get_le(p + SUPER_META, 4) * BLOCK;
	r = walk(&im, get_le(p + SUPER_ROOT_NID, 2), "", 0, e);
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

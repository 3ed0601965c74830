/* SPDX-License-Identifier: Apache-2.0 */
/* EROFS: the super block, inodes and the content of files. */
#include "fs/erofs.h"

#include <asm/errno.h>
#include <linux/stat.h>

#include "drivers/block.h"
#include "fs/blockio.h"
#include "fs/erofs_dir.h"
#include "fs/inode.h"
#include "kern/log.h"
#include "kern/string.h"
#include "mm/kmalloc.h"

struct erofs {
	struct block_device *dev;
	struct inode *meta; /* the image as one file: its cached blocks */
	uint64_t blocks;
	uint64_t meta_start; /* byte offset of inode number 0 */
	struct ktime build_time;
};

/* How an inode's content is found, in its priv[]. */
struct layout {
	uint32_t block; /* flat: of the first byte */
	uint8_t kind;   /* EROFS_FLAT_PLAIN, ... */
	uint8_t chunk_bits;
	uint8_t index_size; /* of a chunk's entry: 4 or 8 bytes */
	uint64_t offset;    /* in the image: inline tail, or chunk table */
	uint64_t size;      /* lower_size shrinks, the tail stays behind this */
};
_Static_assert(sizeof(struct layout) <= sizeof(((struct inode *)0)->priv),
	"layout fits the inode");

static struct layout *layout_of(struct inode *ino)
{
	return (struct layout *)ino->priv;
}

static int meta_read_pages(
	struct inode *ino, uint64_t index, struct page **pages, unsigned n)
{
	struct erofs *e = ino->fs->priv;

	return blockio_read(e->dev, index, pages, n);
}

static const struct inode_ops meta_ops = {.read_pages = meta_read_pages};

/* Copies from anywhere in the image. */
static int meta_copy(struct erofs *e, uint64_t offset, void *dst, size_t n)
{
	if (offset > e->meta->size || n > e->meta->size - offset)
		return -EIO;
	while (n) {
		size_t at = offset & ~PAGE_MASK, part = PAGE_SIZE - at;
		struct page *p;
		int err = pagecache_read(
			e->meta, offset >> PAGE_SHIFT, 1, false, &p);

		if (err)
			return err;
		part = MIN(part, n);
		memcpy(dst, (char *)page_va(p) + at, part);
		page_put(p);
		dst = (char *)dst + part;
		offset += part;
		n -= part;
	}
	return 0;
}

/* --- content --------------------------------------------------------------*/

enum { MAP_BLOCK, MAP_HOLE, MAP_TAIL };

/* Where the page at `index` of a file is: MAP_*, or -EIO. */
static int map_page(struct inode *ino, uint64_t index, uint64_t *block)
{
	struct erofs *e = ino->fs->priv;
	struct layout *l = layout_of(ino);
	struct erofs_chunk_index ci;
	unsigned shift;
	int err;

	if (l->kind != EROFS_CHUNKED) {
		if (l->kind == EROFS_FLAT_INLINE &&
			index >= l->size >> PAGE_SHIFT)
			return MAP_TAIL;
		*block = l->block + index;
		return *block < e->blocks ? MAP_BLOCK : -EIO;
	}
	shift = l->chunk_bits - PAGE_SHIFT;
	ci.device = 0;
	err = meta_copy(e, l->offset + (index >> shift) * l->index_size,
		l->index_size == 4 ? (void *)&ci.block : (void *)&ci,
		l->index_size);
	if (err < 0)
		return err;
	if (ci.block == EROFS_HOLE)
		return MAP_HOLE;
	*block = ci.block + (index & ((1ULL << shift) - 1));
	return !ci.device && *block < e->blocks ? MAP_BLOCK : -EIO;
}

static int erofs_read_pages(
	struct inode *ino, uint64_t index, struct page **pages, unsigned n)
{
	struct erofs *e = ino->fs->priv;
	unsigned run;
	int err;

	for (unsigned i = 0; i < n; i += run) {
		uint64_t block = 0, next = 0;
		int kind = map_page(ino, index + i, &block);

		run = 1;
		if (kind < 0)
			return kind;
		if (kind == MAP_TAIL) {
			err = meta_copy(e, layout_of(ino)->offset,
				page_va(pages[i]),
				layout_of(ino)->size & ~PAGE_MASK);
		} else if (kind == MAP_HOLE) {
			memset(page_va(pages[i]), 0, PAGE_SIZE);
			err = 0;
		} else {
			while (i + run < n &&
				map_page(ino, index + i + run, &next) ==
					MAP_BLOCK &&
				next == block + run)
				run++;
			err = blockio_read(e->dev, block, pages + i, run);
		}
		if (err)
			return err;
	}
	return 0;
}

static long erofs_readlink(struct inode *ino, char *dst, size_t size)
{
	struct page *p;
	int err = pagecache_read(ino, 0, 1, false, &p);

	if (err)
		return err;
	size = MIN(size, ino->lower_size);
	memcpy(dst, page_va(p), size);
	page_put(p);
	return size;
}

/* --- inodes ---------------------------------------------------------------*/

static int erofs_get(struct fs *fs, uint64_t nid, struct inode **out);

static const struct inode_ops erofs_ops = {
	.read_pages = erofs_read_pages,
	.lookup = erofs_lookup,
	.list = erofs_list,
	.get = erofs_get,
	.readlink = erofs_readlink,
};

/* The fields that both sizes of inodes have, in one form. */
struct fields {
	uint64_t size, end; /* end: byte offset after inode and attributes */
	uint32_t mode, nlink, uid, gid, u;
	unsigned kind;
	struct ktime mtime;
};

static int read_fields(struct erofs *e, uint64_t nid, struct fields *f)
{
	uint64_t at = e->meta_start + nid * EROFS_SLOT;
	struct erofs_inode d;
	bool extended;
	int err;

	if (nid >= e->meta->size / EROFS_SLOT)
		return -EIO;
	err = meta_copy(e, at, &d, EROFS_COMPACT_SIZE);
	if (err)
		return err;
	if (d.format >> 4)
		return -EIO;
	extended = d.format & 1;
	f->kind = d.format >> 1;
	f->mode = d.mode;
	if (extended) {
		err = meta_copy(e, at, &d, sizeof(d));
		if (err)
			return err;
		f->size = d.extended.size;
		f->u = d.extended.u;
		f->uid = d.extended.uid;
		f->gid = d.extended.gid;
		f->nlink = d.extended.nlink;
		f->mtime.sec = d.extended.mtime;
		f->mtime.nsec = d.extended.mtime_nsec;
	} else {
		f->size = d.compact.size;
		f->u = d.compact.u;
		f->uid = d.compact.uid;
		f->gid = d.compact.gid;
		f->nlink = d.nlink;
		f->mtime = e->build_time;
	}
	f->end = at + (extended ? sizeof(d) : EROFS_COMPACT_SIZE);
	if (d.xattr_count)
		f->end += 12 + 4 * (d.xattr_count - 1u);
	return 0;
}

static int check_flat(struct erofs *e, const struct fields *f, struct layout *l)
{
	uint64_t tail = f->size & ~PAGE_MASK, blocks = f->size >> PAGE_SHIFT;

	if (f->kind == EROFS_FLAT_PLAIN && tail) {
		blocks++;
		tail = 0;
	}
	if (blocks && (f->u >= e->blocks || blocks > e->blocks - f->u))
		return -EIO;
	/* The tail lies within the inode's block. */
	if (tail && ((f->end & ~PAGE_MASK) + tail > PAGE_SIZE ||
			    f->end + tail > e->meta->size))
		return -EIO;
	l->block = f->u;
	l->offset = f->end;
	return 0;
}

static int check_chunked(
	struct erofs *e, const struct fields *f, struct layout *l)
{
	uint64_t count;

	if (f->u & ~(uint32_t)(EROFS_CHUNK_BITS | EROFS_CHUNK_INDEXES))
		return -EIO;
	l->chunk_bits = (f->u & EROFS_CHUNK_BITS) + EROFS_BLOCK_BITS;
	l->index_size = f->u & EROFS_CHUNK_INDEXES ? 8 : 4;
	l->offset = ALIGN_UP(f->end, (uint64_t)l->index_size);
	if (!f->size)
		return 0;
	count = ((f->size - 1) >> l->chunk_bits) + 1;
	if (l->offset > e->meta->size ||
		count > (e->meta->size - l->offset) / l->index_size)
		return -EIO;
	return 0;
}

static int check_fields(
	struct erofs *e, const struct fields *f, struct layout *l)
{
	if (!f->nlink || f->size > INT64_MAX || f->mode > 0177777 ||
		f->mtime.nsec >= 1000000000)
		return -EIO;
	l->kind = f->kind;
	l->size = f->size;
	switch (f->mode & S_IFMT) {
	case S_IFDIR: /* its blocks are walked: holes must not make more */
		if (f->size > e->meta->size)
			return -EIO;
		break;
	case S_IFREG:
		break;
	case S_IFLNK:
		if (!f->size || f->size >= PATH_LEN_MAX)
			return -EIO;
		break;
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return 0; /* without content */
	default:
		return -EIO;
	}
	if (f->kind == EROFS_CHUNKED)
		return check_chunked(e, f, l);
	if (f->kind == EROFS_FLAT_PLAIN || f->kind == EROFS_FLAT_INLINE)
		return check_flat(e, f, l);
	klog("erofs: compressed files are not supported\n");
	return -EIO;
}

/* A device number as Linux packs it into 32 bits, unpacked to stat's. */
static uint64_t decode_rdev(uint32_t d)
{
	uint64_t major = d >> 8 & 0xfff,
		 minor = (d & 0xff) | (d >> 12 & 0xfff00);

	return (minor & 0xff) | major << 8 | (minor & ~0xffULL) << 12;
}

static int erofs_get(struct fs *fs, uint64_t nid, struct inode **out)
{
	struct erofs *e = fs->priv;
	struct layout l = {0};
	struct inode *ino;
	struct fields f;
	uint64_t next = fs->next_ino;
	int err = read_fields(e, nid, &f);

	if (!err)
		err = check_fields(e, &f, &l);
	if (err)
		return err;
	ino = inode_new(fs, f.mode);
	if (!ino)
		return -ENOMEM;
	fs->next_ino = next; /* it has a number already */
	ino->ino = nid;
	ino->nlink = f.nlink;
	ino->uid = f.uid;
	ino->gid = f.gid;
	ino->mtime = ino->atime = ino->ctime = ino->btime = f.mtime;
	ino->ops = &erofs_ops;
	*layout_of(ino) = l;
	if (inode_is_reg(ino) || inode_is_dir(ino) || inode_is_link(ino))
		ino->size = ino->lower_size = f.size;
	else if (inode_type(ino) == S_IFCHR || inode_type(ino) == S_IFBLK)
		ino->rdev = decode_rdev(f.u);
	*out = ino;
	return 0;
}

/* --- mounting -------------------------------------------------------------*/

static uint32_t crc32c(uint32_t crc, const uint8_t *p, size_t n)
{
	while (n--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return crc;
}

static int check_super(struct erofs *e, struct erofs_super *s, uint8_t *block)
{
	uint32_t sum = s->checksum;

	if (s->block_bits != EROFS_BLOCK_BITS) {
		klog("erofs: blocks of 2^%u bytes\n", s->block_bits);
		return -EIO;
	}
	if (s->incompat & ~(EROFS_INCOMPAT_0PADDING | EROFS_INCOMPAT_CHUNKED)) {
		klog("erofs: unknown features 0x%x\n", s->incompat);
		return -EIO;
	}
	if (!s->blocks ||
		s->blocks > e->dev->nsectors / (PAGE_SIZE / SECTOR_SIZE) ||
		s->meta_blkaddr >= s->blocks || s->build_nsec >= 1000000000) {
		klog("erofs: the super block is damaged\n");
		return -EIO;
	}
	if (!(s->compat & EROFS_COMPAT_CHECKSUM))
		return 0;
	memset(block + offsetof(struct erofs_super, checksum), 0, 4);
	if (crc32c(~0u, block, PAGE_SIZE - EROFS_SUPER_OFFSET) == sum)
		return 0;
	klog("erofs: wrong checksum of the super block\n");
	return -EIO;
}

static int read_super(struct erofs *e, struct erofs_super *s)
{
	uint8_t *page = kmalloc(PAGE_SIZE);
	int err;

	if (!page)
		return -ENOMEM;
	err = -EINVAL;
	if (e->dev->nsectors >= PAGE_SIZE / SECTOR_SIZE)
		err = e->dev->rw(
			e->dev, false, 0, page, PAGE_SIZE / SECTOR_SIZE);
	if (!err) {
		memcpy(s, page + EROFS_SUPER_OFFSET, sizeof(*s));
		err = s->magic == EROFS_MAGIC ? 0 : -EINVAL;
	}
	if (!err)
		err = check_super(e, s, page + EROFS_SUPER_OFFSET);
	kfree(page);
	return err;
}

int erofs_mount(struct fs *fs, struct block_device *dev, struct inode **root)
{
	struct erofs *e = kzalloc(sizeof(*e));
	struct erofs_super s;
	int err;

	if (!e)
		return -ENOMEM;
	e->dev = dev;
	err = read_super(e, &s);
	if (err)
		goto out_free;
	e->blocks = s.blocks;
	e->meta_start = (uint64_t)s.meta_blkaddr << EROFS_BLOCK_BITS;
	e->build_time = (struct ktime){s.build_time, s.build_nsec};
	fs->priv = e;
	e->meta = inode_new(fs, S_IFREG);
	err = -ENOMEM;
	if (!e->meta)
		goto out_free;
	e->meta->ops = &meta_ops;
	e->meta->size = e->meta->lower_size = e->blocks << EROFS_BLOCK_BITS;
	/* Inodes born in memory get numbers that no lower one can have. */
	fs->next_ino = e->meta->size / EROFS_SLOT;
	err = inode_lower(fs, &erofs_ops, s.root_nid, root);
	if (!err && !inode_is_dir(*root)) {
		klog("erofs: the root is not a directory\n");
		inode_put(*root);
		err = -EIO;
	}
	if (!err)
		return 0;
	erofs_unmount(fs);
	return err;
out_free:
	fs->priv = NULL;
	kfree(e);
	return err;
}

void erofs_unmount(struct fs *fs)
{
	struct erofs *e = fs->priv;

	inode_put(e->meta);
	kfree(e);
	fs->priv = NULL;
}

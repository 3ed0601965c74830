/* SPDX-License-Identifier: Apache-2.0 */
/* EROFS, the read-only file system below the root. */
#ifndef FS_EROFS_H
#define FS_EROFS_H

#include "kern/types.h"

struct block_device;
struct fs;
struct inode;

/*
 * The format as of Linux's documentation (filesystems/erofs.rst) and
 * erofs-utils 1.5, as far as uncompressed images use it. All is little
 * endian; a block is 4096 bytes. An image is hostile input: each number is
 * checked where it is read, and what is wrong is -EIO.
 */
enum {
	EROFS_SUPER_OFFSET = 1024,
	EROFS_BLOCK_BITS = 12,
	EROFS_SLOT = 32, /* inode numbers count these from meta_blkaddr */
};
#define EROFS_MAGIC 0xe0f5e1e2u

struct erofs_super {
	uint32_t magic;
	uint32_t checksum; /* CRC-32C of the block's rest, itself as 0 */
	uint32_t compat;
	uint8_t block_bits;
	uint8_t extslots; /* of 16 bytes, after this structure */
	uint16_t root_nid;
	uint64_t inos;
	uint64_t build_time;
	uint32_t build_nsec;
	uint32_t blocks;
	uint32_t meta_blkaddr;
	uint32_t xattr_blkaddr;
	uint8_t uuid[16];
	uint8_t volume_name[16];
	uint32_t incompat;
	uint16_t compression;
	uint16_t extra_devices;
	uint16_t devt_slotoff;
	uint8_t reserved[38];
};
_Static_assert(sizeof(struct erofs_super) == 128, "erofs super block");

enum { EROFS_COMPAT_CHECKSUM = 1 };
enum {
	EROFS_INCOMPAT_0PADDING = 1, /* of compressed data: none here */
	EROFS_INCOMPAT_CHUNKED = 4,
};

struct erofs_inode {          /* compact: the first 32 bytes */
	uint16_t format;      /* bit 0: extended; bits 1-3: EROFS_FLAT_... */
	uint16_t xattr_count; /* 0, or 12 + 4 * (n - 1) bytes follow */
	uint16_t mode;
	uint16_t nlink; /* extended: reserved */
	union {
		struct {
			uint32_t size, reserved1;
			uint32_t u;
			uint32_t ino;
			uint16_t uid, gid;
			uint32_t reserved2;
		} compact;
		struct {
			uint64_t size;
			uint32_t u; /* block, device, or chunk format */
			uint32_t ino;
			uint32_t uid, gid;
			uint64_t mtime;
			uint32_t mtime_nsec;
			uint32_t nlink;
			uint8_t reserved[16];
		} extended;
	};
};
_Static_assert(sizeof(struct erofs_inode) == 64, "erofs extended inode");
enum { EROFS_COMPACT_SIZE = 32 };

enum { EROFS_FLAT_PLAIN = 0, EROFS_FLAT_INLINE = 2, EROFS_CHUNKED = 4 };
enum { EROFS_CHUNK_BITS = 0x1f, EROFS_CHUNK_INDEXES = 0x20 };
#define EROFS_HOLE 0xffffffffu

struct erofs_chunk_index {
	uint16_t advise;
	uint16_t device;
	uint32_t block;
};

struct erofs_dirent {
	uint64_t nid;
	uint16_t nameoff; /* of the first one: the size of this array */
	uint8_t file_type;
	uint8_t reserved;
} __attribute__((packed));
_Static_assert(sizeof(struct erofs_dirent) == 12, "erofs directory entry");

/* Checks the super block and reads the root directory's inode, which gets
 * one reference; sets fs->priv. -EINVAL: not EROFS; -EIO, -ENOMEM. */
int erofs_mount(struct fs *fs, struct block_device *dev, struct inode **root);

/* Gives back what mounting took; no inode of it is held any more. */
void erofs_unmount(struct fs *fs);

#endif

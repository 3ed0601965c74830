/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes: folders, files and disks of the host that the guest is given. */
#ifndef VM_VOLUME_H
#define VM_VOLUME_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

enum vm_volume_kind {
	VM_VOLUME_FOLDER, /* live, by 9P */
	VM_VOLUME_FILE,   /* its content at the start, cannot be written */
	VM_VOLUME_DISK,   /* a raw disk, as /dev/vdb to /dev/vdz */
	VM_VOLUME_TMPFS,  /* empty memory of the guest */
};

struct vm_volume {
	enum vm_volume_kind kind;
	char *host;  /* absolute; NULL for a tmpfs */
	char *guest; /* absolute, without "//", "." or a slash at the end */
	int read_only;
	int claim;          /* descriptor of vm_volumes_claim, or -1 */
	int block;          /* of a disk: a block device */
	uint64_t size;      /* of a tmpfs; 0: all of memory */
	unsigned mode;      /* of a tmpfs or file */
	unsigned uid, gid;  /* of a file */
	int64_t mtime;      /* of a file */
	struct buf content; /* of a file */
};

struct vm_volumes {
	struct vm_volume *v;
	size_t n;
};

/* What a single file may have at most. */
#define VM_VOLUME_FILE_MAX (4u << 20)

/*
 * Adds one in Docker's words, HOST:GUEST[:ro|rw]. HOST is a path with a
 * slash, and is there; GUEST is absolute, or /dev/vdb to /dev/vdz for a disk.
 */
int vm_volume_parse(struct vm_volumes *l, const char *spec, struct err *e);
/* Adds what is at `host` (a folder, a file, or a disk by the name of
 * `guest`), and reads a file. */
int vm_volume_add(struct vm_volumes *l, const char *host, const char *guest,
	int read_only, struct err *e);
void vm_volume_add_tmpfs(struct vm_volumes *l, const char *guest, uint64_t size,
	unsigned mode, int read_only);
/* In the order of mounting. Disks follow one another from /dev/vdb on, and
 * no place is taken twice; else -EINVAL. */
int vm_volumes_sort(struct vm_volumes *l, struct err *e);
/*
 * Those at the paths of `exclusive` become this process' alone, and QEMU's,
 * which inherits them (read-only ones: shared with others that only read),
 * until both have ended. The folder is locked (flock(2)), so that all
 * machines and containers of one host know of it. -EBUSY: somebody else has
 * one, also after VM_CLAIM_MS, in which one that was killed comes to its end.
 */
#define VM_CLAIM_MS 3000
int vm_volumes_claim(
	struct vm_volumes *l, const struct strv *exclusive, struct err *e);
void vm_volumes_free(struct vm_volumes *l);
#define _vm_volumes_ __attribute__((cleanup(vm_volumes_free)))

/* For lib/vm. QEMU's options: `bus` is the suffix of the virtio devices. */
size_t vm_volumes_devices(const struct vm_volumes *l);
void vm_volumes_command(
	const struct vm_volumes *l, const char *bus, struct strv *argv);
/* The disks, after that of the image. */
void vm_volumes_disks(
	const struct vm_volumes *l, const char *bus, struct strv *argv);
/* The items of the boot record. */
void vm_volumes_record(const struct vm_volumes *l, struct buf *record);

#endif

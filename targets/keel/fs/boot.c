/* SPDX-License-Identifier: Apache-2.0 */
/* The tree at boot: root, mounts, generated files, the boot record's. */
#include "fs/boot.h"

#include <asm/errno.h>
#include <linux/stat.h>

#include "drivers/block.h"
#include "fs/devices.h"
#include "fs/erofs.h"
#include "fs/memfs.h"
#include "fs/names.h"
#include "fs/proc.h"
#include "fs/remote.h"
#include "kern/boot.h"
#include "kern/cmdline.h"
#include "kern/log.h"
#include "kern/string.h"
#include "mm/kmalloc.h"

#define OVERLAY_MAGIC 0x794c7630

struct dentry *fs_root(void)
{
	return mount_first->root;
}

static int mount_image(struct block_device *dev)
{
	struct fs *fs = mount_new("overlay", OVERLAY_MAGIC);
	struct inode *ino;
	int err;

	if (!fs)
		return -ENOMEM;
	err = erofs_mount(fs, dev, &ino);
	if (!err) {
		fs->root = dentry_new_free(fs, NULL, name_of("/"), ino);
		err = fs->root ? 0 : -ENOMEM;
	}
	if (!err)
		mount_at(fs, NULL);
	return err;
}

/* Without a root device there is an empty tree in memory. */
static int mount_root(void)
{
	struct block_device *dev = block_find_root();
	struct fs *fs;
	int err;

	if (dev)
		return mount_image(dev);
	err = memfs_new("tmpfs", MEMFS_TMPFS, 0755, &fs);
	if (!err)
		mount_at(fs, NULL);
	return err;
}

/* Files of the image in /tmp are not hidden: then it stays of the root. */
static int mount_tmp(void)
{
	struct dentry *d;
	int r = path_walk(fs_root(), "/tmp", 0, &d);

	if (r && r != -ENOENT)
		return r;
	if (!r) {
		r = inode_is_dir(d->inode) ? dentry_is_empty(d) : 0;
		dentry_put(d);
		if (r <= 0)
			return r;
	}
	return memfs_mount("/tmp", "tmpfs", MEMFS_TMPFS, 01777, NULL);
}

/* The folder to start in is made, as container engines do. */
static int set_cwd(void)
{
	const struct record_item *i = record_next(NULL, RECORD_CWD);
	struct dentry *d;
	char *path;
	int err;

	fs_cwd = fs_root();
	dentry_get(fs_cwd);
	if (!i || !i->len)
		return 0;
	path = kmalloc(i->len + 2);
	if (!path)
		return -ENOMEM;
	memcpy(path, record_data(i), i->len);
	memcpy(path + i->len, "/", 2);
	err = name_make_parents(path);
	if (!err)
		err = path_walk(fs_root(), path, WALK_FOLLOW, &d);
	if (!err) {
		dentry_put(fs_cwd);
		fs_cwd = d;
	}
	kfree(path);
	return err;
}

static const struct {
	const char *what;
	int (*run)(void);
} steps[] = {
	{"mount the root", mount_root},
	{"mount /dev", devfs_mount},
	{"mount /proc", proc_mount},
	{"mount /sys", sysfs_mount},
	{"mount /tmp", mount_tmp},
	{"make /etc", etc_make},
	{"take over files", etc_record_files},
	{"mount the volumes", mounts_make},
	{"enter the working directory", set_cwd},
};

static const char *reason(int err)
{
	switch (err) {
	case -EIO:
		return "the image is damaged or cannot be read";
	case -EINVAL:
		return "the partition holds no EROFS image";
	case -ENOTDIR:
		return "a file is where a folder should be";
	}
	return "it failed";
}

/* Brings it in, for arguments that name files. */
void (*const vfs_cmdline_links)(void) = cmdline_to_record;

void vfs_init(void)
{
	pagecache_init();
	dentry_keep += page_total() / 64;
	mutex_lock(&vfs_lock);
	for (unsigned i = 0; i < ARRAY_SIZE(steps); i++) {
		int err = steps[i].run();

		if (err == -ENOMEM || err == -ENOSPC)
			page_not_enough(1 << 20);
		if (err) {
			kmsg("keel: cannot %s: %s (error %d)\n", steps[i].what,
				reason(err), -err);
			machine_exit(125);
		}
	}
	mutex_unlock(&vfs_lock);
}

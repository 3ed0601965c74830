/* SPDX-License-Identifier: Apache-2.0 */
/* The folder /dev: nodes of all devices, links to the open files. */
#include <asm/errno.h>
#include <linux/stat.h>

#include "drivers/block.h"
#include "fs/devices.h"
#include "fs/memfs.h"
#include "fs/names.h"
#include "kern/log.h"

static struct fs *devfs;
static struct inode *console; /* of /dev/console, a reference */

static const char *const links[][2] = {
	{"/dev/fd", "/proc/self/fd"},
	{"/dev/stdin", "/proc/self/fd/0"},
	{"/dev/stdout", "/proc/self/fd/1"},
	{"/dev/stderr", "/proc/self/fd/2"},
};

static int add_node(const char *name, uint32_t mode, uint64_t rdev)
{
	struct inode *ino;
	int err = memfs_add(devfs->root, name, mode, &ino);

	if (err)
		return err;
	ino->rdev = rdev;
	if (rdev == dev_make(DEV_TTY, 1)) {
		inode_get(ino);
		console = ino;
	}
	return 0;
}

struct inode *devfs_console(void)
{
	return console;
}

static int add_blocks(void)
{
	struct block_device *d = block_first();
	int err = 0;

	for (unsigned i = 0; d && !err; d = d->next, i++)
		err = add_node(d->name, S_IFBLK | 0660, dev_make(DEV_BLOCK, i));
	return err;
}

int devfs_mount(void)
{
	int err = memfs_mount("/dev", "devtmpfs", MEMFS_TMPFS, 0755, &devfs);

	for (unsigned i = 0; !err && i < devices_count; i++)
		err = add_node(devices[i].name, S_IFCHR | devices[i].mode,
			dev_make(devices[i].major, devices[i].minor));
	if (!err)
		err = add_blocks();
	for (unsigned i = 0; !err && i < ARRAY_SIZE(links); i++)
		err = name_symlink(fs_root(), links[i][0], links[i][1]);
	if (!err)
		err = memfs_mount(
			"/dev/shm", "tmpfs", MEMFS_TMPFS, 01777, NULL);
	return err;
}

/* A node without a place in the tree, made when it is asked for. */
int devfs_stream(unsigned stream, struct dentry **out)
{
	struct inode *ino;
	char name[16];

	ino = inode_new(devfs, S_IFCHR | 0620);
	if (!ino)
		return -ENOMEM;
	ino->rdev = dev_make(DEV_STREAM, stream);
	ksnprintf(name, sizeof(name), "stream%u", stream);
	*out = dentry_new_free(devfs, devfs->root, name_of(name), ino);
	if (!*out)
		inode_put(ino);
	return *out ? 0 : -ENOMEM;
}

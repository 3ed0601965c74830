/* SPDX-License-Identifier: Apache-2.0 */
/* The mounts that the boot record asks for: volumes, tmpfs, single files. */
#include <asm/errno.h>
#include <linux/stat.h>

#include "fs/9p.h"
#include "fs/content.h"
#include "fs/memfs.h"
#include "fs/names.h"
#include "fs/remote.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "kern/string.h"
#include "mm/kmalloc.h"

/* Who looks for mounts wants the driver in the kernel. */
extern const struct virtio_driver virtio_9p_driver;
const struct virtio_driver *const mount_drivers[] = {&virtio_9p_driver};

/* One item of the record, its parts terminated by a NUL. */
struct mount {
	const char *tag, *path, *options;
	const char *content; /* behind the options */
	size_t ncontent;
};

static int parse(const struct record_item *i, struct mount *m)
{
	const char *p = record_data(i), *end = p + i->len;
	const char **part[] = {&m->tag, &m->path, &m->options};
	size_t n;

	for (unsigned k = 0; k < ARRAY_SIZE(part); k++) {
		n = strnlen(p, end - p);
		if (n == (size_t)(end - p))
			return -EINVAL;
		*part[k] = p;
		p += n + 1;
	}
	m->content = p;
	m->ncontent = end - p;
	return *m->path == '/' ? 0 : -EINVAL;
}

/* The value of KEY= among the options (base 8 or 10), or `none`. */
static uint64_t option(
	const struct mount *m, const char *key, unsigned base, uint64_t none)
{
	size_t n = strlen(key);
	const char *p = m->options;
	uint64_t v = 0;

	while (p && strncmp(p, key, n) != 0) {
		p = strchr(p, ',');
		p = p ? p + 1 : NULL;
	}
	if (!p)
		return none;
	for (p += n; *p >= '0' && *p <= '9'; p++)
		v = v * base + (*p - '0');
	return v;
}

static bool has_option(const struct mount *m, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = m->options; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (!strncmp(p, word, n) && (!p[n] || p[n] == ','))
			return true;
	}
	return false;
}

/* The place, made if it is missing: a folder, or an empty file. */
static int make_point(const char *path, bool folder, struct dentry **out)
{
	int err = name_make_parents(path);

	if (!err && folder)
		err = name_mkdir(fs_root(), path, 0755);
	else if (!err)
		err = name_mknod(fs_root(), path, S_IFREG | 0644, 0);
	if (err && err != -EEXIST)
		return err;
	err = path_walk(fs_root(), path, WALK_FOLLOW, out);
	if (err)
		return err;
	if (inode_is_dir((*out)->inode) == folder)
		return 0;
	dentry_put(*out);
	return folder ? -ENOTDIR : -EISDIR;
}

static int mount_9p(const struct mount *m, struct fs **out)
{
	struct fs *fs = mount_new("9p", P9_MAGIC);
	struct p9_fid *root;
	struct p9_qid qid;
	struct inode *ino;
	struct p9 *c;
	int err;

	if (!fs)
		return -ENOMEM;
	err = p9_open_session(m->tag, strlen(m->tag), &c, &root, &qid);
	if (err)
		return err;
	fs->priv = c;
	fs->remote = &p9_remote_ops;
	err = p9_inode_get(fs, root, qid, &ino);
	if (err)
		return err;
	fs->root = dentry_new_free(fs, NULL, name_of("/"), ino);
	*out = fs;
	return fs->root ? 0 : -ENOMEM;
}

static int mount_tmpfs(const struct mount *m, struct fs **out)
{
	int err = memfs_new("tmpfs", MEMFS_TMPFS,
		option(m, "mode=", 8, 01777) & 07777, out);

	if (!err)
		(*out)->max_pages =
			(option(m, "size=", 10, 0) + PAGE_SIZE - 1) >>
			PAGE_SHIFT;
	return err;
}

/* A file system whose root is the file. */
static int mount_file(const struct mount *m, struct fs **out)
{
	struct iobuf b = {(char *)(uintptr_t)m->content, true};
	struct fs *fs = mount_new("file", MEMFS_TMPFS);
	struct inode *ino = fs ? inode_new(fs, S_IFREG) : NULL;
	long n;

	if (!ino)
		return -ENOMEM;
	ino->mode |= option(m, "mode=", 8, 0444) & 07777;
	ino->uid = option(m, "uid=", 10, 0);
	ino->gid = option(m, "gid=", 10, 0);
	n = content_write(ino, b, m->ncontent, 0);
	if (n != (long)m->ncontent)
		return n < 0 ? n : -ENOSPC;
	ino->mtime = ino->ctime = ino->atime =
		(struct ktime){option(m, "mtime=", 10, 0), 0};
	fs->mounted_ro = true;
	fs->root = dentry_new_free(fs, NULL, name_of("/"), ino);
	*out = fs;
	return fs->root ? 0 : -ENOMEM;
}

static int mount(const struct mount *m)
{
	bool file = has_option(m, "file");
	struct dentry *on;
	struct fs *fs;
	int err = make_point(m->path, !file, &on);

	if (err)
		return err;
	if (file)
		err = mount_file(m, &fs);
	else if (has_option(m, "tmpfs"))
		err = mount_tmpfs(m, &fs);
	else
		err = mount_9p(m, &fs);
	if (!err) {
		fs->mounted_ro |= has_option(m, "ro");
		mount_at(fs, on);
	}
	dentry_put(on);
	return err;
}

int mounts_make(void)
{
	const struct record_item *i = NULL;

	while ((i = record_next(i, RECORD_MOUNT))) {
		struct mount m = {0};
		int err = parse(i, &m);

		if (!err)
			err = mount(&m);
		if (!err)
			continue;
		/* Going on would look for data where it is not. */
		kmsg("keel: cannot mount %s: error %d\n",
			m.path ? m.path : "a volume", -err);
		return err;
	}
	return 0;
}

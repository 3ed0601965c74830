/* SPDX-License-Identifier: Apache-2.0 */
/* Files whose text is made when they are read: /proc, /sys. */
#include "fs/text.h"

#include <asm/errno.h>
#include <asm/fcntl.h>
#include <linux/stat.h>
#include <linux/fs.h>

#include "fs/file.h"
#include "fs/memfs.h"
#include "fs/path.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"

/* --- open files: the text of the last read from the start -----------------*/

static long text_read(struct file *f, void *ubuf, size_t n, uint64_t *pos)
{
	text_show *show = (text_show *)f->inode->priv[0];
	struct text *t = f->priv;
	long r = 0;

	mutex_lock(&f->pos_lock);
	if (!*pos || !t->p) {
		t->len = 0;
		t->failed = false;
		show(t);
		if (t->failed)
			r = -ENOMEM;
	}
	if (!r && *pos < t->len) {
		n = MIN(n, t->len - *pos);
		r = copy_to_user(ubuf, t->p + *pos, n) ? -EFAULT : (long)n;
		if (r > 0)
			*pos += r;
	}
	mutex_unlock(&f->pos_lock);
	return r;
}

static void text_release(struct file *f)
{
	struct text *t = f->priv;

	kfree(t->p);
	kfree(t);
}

long text_seek(struct file *f, int64_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += f->pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0)
		return -EINVAL;
	return f->pos = offset;
}

static const struct file_ops text_file_ops = {
	.read = text_read, .release = text_release, .seek = text_seek};

static int text_open(struct inode *ino, struct file *f)
{
	(void)ino;
	if ((f->flags & O_ACCMODE) != O_RDONLY)
		return -EACCES;
	f->priv = kzalloc(sizeof(struct text));
	if (!f->priv)
		return -ENOMEM;
	f->ops = &text_file_ops;
	return 0;
}

long text_link_copy(char *dst, size_t size, const char *target)
{
	size_t n = MIN(strlen(target), size);

	memcpy(dst, target, n);
	return n;
}

static long link_text(struct inode *ino, char *dst, size_t size)
{
	return ((text_link *)ino->priv[0])(dst, size);
}

static int link_jump(struct inode *ino, struct dentry **out)
{
	return ((int (*)(struct inode *, struct dentry **))ino->priv[1])(
		ino, out);
}

static const struct inode_ops show_ops = {.open = text_open};
static const struct inode_ops link_ops = {.readlink = link_text};
static const struct inode_ops jump_ops = {
	.readlink = link_text, .jump = link_jump};

static int add_entry(struct fs *fs, const struct text_entry *e)
{
	const char *slash = NULL, *name = e->path;
	struct dentry *dir;
	struct inode *ino;
	char path[64];
	uint32_t mode;
	int err;

	for (const char *p = e->path; (p = strchr(p, '/')); p++)
		slash = p;
	if (slash) {
		memcpy(path, e->path, slash - e->path);
		path[slash - e->path] = 0;
		name = slash + 1;
	} else {
		path[0] = 0;
	}
	err = path_walk(fs->root, path, 0, &dir);
	if (err)
		return err;
	mode = e->show   ? S_IFREG | 0444
	       : e->link ? S_IFLNK | 0777
			 : S_IFDIR | 0555;
	err = memfs_add(dir, name, mode, &ino);
	dentry_put(dir);
	if (err || inode_is_dir(ino))
		return err;
	ino->priv[0] = e->show ? (uint64_t)e->show : (uint64_t)e->link;
	ino->priv[1] = (uint64_t)e->jump;
	ino->ops = e->show ? &show_ops : e->jump ? &jump_ops : &link_ops;
	return 0;
}

int text_tree(struct fs *fs, const struct text_entry *e, unsigned n)
{
	int err = 0;

	for (unsigned i = 0; !err && i < n; i++)
		err = add_entry(fs, e + i);
	return err;
}

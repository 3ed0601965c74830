/* SPDX-License-Identifier: Apache-2.0 */
/* The folder /proc/self: what the process is, maps and has open. */
#include "fs/proc.h"

#include <asm/errno.h>
#include <asm/mman.h>
#include <linux/stat.h>
#include <linux/fcntl.h>

#include "drivers/console.h"
#include "fs/devices.h"
#include "fs/file.h"
#include "fs/memfs.h"
#include "fs/path.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/vma.h"
#include "sched/thread.h"

/* --- arguments and the program --------------------------------------------*/

static void show_items(struct text *t, uint32_t type)
{
	const struct record_item *i = NULL;

	while ((i = record_next(i, type))) {
		text_add_bytes(t, record_data(i), i->len);
		text_add_bytes(t, "", 1);
	}
}

static void show_cmdline(struct text *t)
{
	show_items(t, RECORD_ARG);
}

static void show_environ(struct text *t)
{
	show_items(t, RECORD_ENV);
}

/* The program is the kernel, which is no file of the root: its name is the
 * one that it was started by, as an absolute path. */
static long link_exe(char *dst, size_t size)
{
	const struct record_item *i = record_next(NULL, RECORD_ARG);
	const char *name = i ? record_data(i) : "program";
	size_t len = i ? i->len : strlen(name), n = 0;

	if (!len || *name != '/')
		dst[n++] = '/';
	len = MIN(len, size - n);
	memcpy(dst + n, name, len);
	return n + len;
}

static void show_comm(struct text *t)
{
	text_add(t, "%s\n", thread_this()->name);
}

/* --- memory ---------------------------------------------------------------*/

static void show_maps(struct text *t)
{
	char *buf = kmalloc(PATH_LEN_MAX);
	struct vma_info v;

	if (!buf) {
		t->failed = true;
		return;
	}
	for (uint64_t at = 0; !vma_next(at, &v); at = v.end) {
		const char *name = v.name;
		uint64_t dev = 0, ino = 0;
		size_t start = t->len;
		bool deleted = false;
		char *path;

		if (v.file && v.file->dentry) {
			dev = v.file->inode->fs->dev;
			ino = v.file->inode->ino;
			if (!dentry_path(v.file->dentry, buf, PATH_LEN_MAX,
				    &path, &deleted))
				name = path;
		}
		text_add(t, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ",
			(unsigned long)v.start, (unsigned long)v.end,
			v.prot & PROT_READ ? 'r' : '-',
			v.prot & PROT_WRITE ? 'w' : '-',
			v.prot & PROT_EXEC ? 'x' : '-', v.shared ? 's' : 'p',
			(unsigned long)v.offset, dev_major(dev), dev_minor(dev),
			(unsigned long)ino);
		while (name && t->len - start < 73 && !t->failed)
			text_add(t, " ");
		text_add(t, "%s%s\n", name ? name : "",
			deleted ? " (deleted)" : "");
	}
	kfree(buf);
}

struct sizes {
	uint64_t size, rss, stack, data; /* bytes */
};

static struct sizes memory_sizes(void)
{
	struct sizes s = {0};
	struct vma_info v;

	for (uint64_t at = 0; !vma_next(at, &v); at = v.end) {
		uint64_t n = v.end - v.start;

		s.size += n;
		s.rss += v.rss;
		if (v.name && !strcmp(v.name, "[stack]"))
			s.stack += n;
		else if (v.prot & PROT_WRITE && !v.shared)
			s.data += n;
	}
	return s;
}

static void show_status(struct text *t)
{
	struct sizes s = memory_sizes();
	struct signal_state sig = {0};
	int nfds = 0;

	for (int fd = fd_next(0); fd >= 0; fd = fd_next(fd + 1))
		nfds = fd + 1;
	text_add(t, "Name:\t%s\nUmask:\t0%u%u%u\n", thread_this()->name,
		fs_umask >> 6 & 7, fs_umask >> 3 & 7, fs_umask & 7);
	text_add(t, "State:\tR (running)\nTgid:\t%d\nNgid:\t0\nPid:\t%d\n",
		PROC_PID, PROC_PID);
	text_add(t, "PPid:\t0\nTracerPid:\t0\nUid:\t0\t0\t0\t0\n");
	text_add(t, "Gid:\t0\t0\t0\t0\nFDSize:\t%d\nGroups:\t0\n",
		ALIGN_UP(nfds, 64));
	text_add(t, "VmPeak:\t%8lu kB\nVmSize:\t%8lu kB\n", s.size >> 10,
		s.size >> 10);
	text_add(t, "VmHWM:\t%8lu kB\nVmRSS:\t%8lu kB\n", s.rss >> 10,
		s.rss >> 10);
	text_add(t, "VmData:\t%8lu kB\nVmStk:\t%8lu kB\n", s.data >> 10,
		s.stack >> 10);
	if (signal_describe)
		signal_describe(&sig);
	text_add(t, "Threads:\t%u\nSigPnd:\t%016lx\nShdPnd:\t%016lx\n",
		proc_threads(), sig.thread, sig.process);
	text_add(t, "SigBlk:\t%016lx\nSigIgn:\t%016lx\nSigCgt:\t%016lx\n",
		thread_this()->sig.mask, sig.ignored, sig.caught);
	text_add(t, "Cpus_allowed:\t1\nCpus_allowed_list:\t0\n");
}

/* proc(5): the fields in order, those that keel does not count are 0. */
static void show_stat(struct text *t)
{
	struct sizes s = memory_sizes();

	text_add(t, "%d (%s) R 0 %d %d 0 -1 0", PROC_PID, thread_this()->name,
		PROC_PID, PROC_PID);
	text_add(t, " 0 0 0 0 0 0 0 0 20 0 %u 0 0 %lu %lu", proc_threads(),
		s.size, s.rss / PAGE_SIZE);
	text_add(t, " 18446744073709551615");
	for (int i = 26; i <= 52; i++)
		text_add(t, " %d", i == 38 ? 17 : 0);
	text_add(t, "\n");
}

static void show_statm(struct text *t)
{
	struct sizes s = memory_sizes();

	text_add(t, "%lu %lu 0 0 0 %lu 0\n", s.size / PAGE_SIZE,
		s.rss / PAGE_SIZE, (s.data + s.stack) / PAGE_SIZE);
}

/* --- the place ------------------------------------------------------------*/

static long path_text(struct dentry *d, char *dst, size_t size)
{
	char *buf = kmalloc(PATH_LEN_MAX), *path;
	bool deleted;
	long n;

	if (!buf)
		return -ENOMEM;
	n = dentry_path(d, buf, PATH_LEN_MAX, &path, &deleted);
	if (!n) {
		n = MIN(strlen(path), size);
		memcpy(dst, path, n);
		if (deleted && size - n >= 10) {
			memcpy(dst + n, " (deleted)", 10);
			n += 10;
		}
	}
	kfree(buf);
	return n;
}

static long link_cwd(char *dst, size_t size)
{
	return path_text(fs_cwd, dst, size);
}

static long link_root(char *dst, size_t size)
{
	return text_link_copy(dst, size, "/");
}

static int jump_cwd(struct inode *ino, struct dentry **out)
{
	(void)ino;
	*out = fs_cwd;
	dentry_get(*out);
	return 0;
}

static int jump_root(struct inode *ino, struct dentry **out)
{
	(void)ino;
	*out = fs_root();
	dentry_get(*out);
	return 0;
}

const struct text_entry proc_self_entries[] = {
	{"1", NULL, NULL, NULL},
	{"1/auxv", proc_show_auxv, NULL, NULL},
	{"1/cmdline", show_cmdline, NULL, NULL},
	{"1/comm", show_comm, NULL, NULL},
	{"1/cwd", NULL, link_cwd, jump_cwd},
	{"1/environ", show_environ, NULL, NULL},
	{"1/exe", NULL, link_exe, NULL},
	{"1/limits", proc_show_limits, NULL, NULL},
	{"1/maps", show_maps, NULL, NULL},
	{"1/mountinfo", proc_show_mountinfo, NULL, NULL},
	{"1/mounts", proc_show_mounts, NULL, NULL},
	{"1/root", NULL, link_root, jump_root},
	{"1/stat", show_stat, NULL, NULL},
	{"1/statm", show_statm, NULL, NULL},
	{"1/status", show_status, NULL, NULL},
};
const unsigned proc_self_count = ARRAY_SIZE(proc_self_entries);

/* --- open descriptors: asked anew each time -------------------------------*/

enum { DT_LINK = 10 };
#define FD_INO (1ULL << 32) /* st_ino of descriptor 0 */

static int fd_lookup(struct inode *dir, struct name name, uint64_t *nid)
{
	uint64_t fd = 0;
	struct file *f;

	(void)dir;
	if (name.len > 9 || (name.len > 1 && *name.s == '0'))
		return -ENOENT;
	for (size_t i = 0; i < name.len; i++) {
		if (name.s[i] < '0' || name.s[i] > '9')
			return -ENOENT;
		fd = fd * 10 + (name.s[i] - '0');
	}
	f = fd_get((int)fd);
	if (!f)
		return -ENOENT;
	f->count--; /* never the last: the table holds it */
	*nid = fd;
	return 0;
}

static int fd_list(struct inode *dir, inode_list_fn *fn, void *arg)
{
	(void)dir;
	for (int fd = fd_next(0); fd >= 0; fd = fd_next(fd + 1)) {
		char text[12];
		int err;

		ksnprintf(text, sizeof(text), "%d", fd);
		err = fn(arg, name_of(text), FD_INO + fd, DT_LINK);
		if (err)
			return err;
	}
	return 0;
}

/* The open file behind a link, with a reference. */
static struct file *file_of(struct inode *ino)
{
	return fd_get((int)ino->nid);
}

static long fd_text(struct file *f, char *dst, size_t size)
{
	unsigned stream = (uintptr_t)f->priv;
	struct kstat st;

	if (f->dentry)
		return path_text(f->dentry, dst, size);
	if (f->ops == &console_file_ops && record_flags() & RECORD_F_TTY_IN
								    << stream)
		return text_link_copy(dst, size, "/dev/console");
	if (f->ops->name)
		return text_link_copy(dst, size, f->ops->name);
	if (file_stat(f, &st))
		st = (struct kstat){0};
	return MIN((size_t)ksnprintf(dst, size, "%s:[%lu]",
			   (st.mode & S_IFMT) == S_IFSOCK ? "socket" : "pipe",
			   (unsigned long)st.ino),
		size);
}

static long fd_readlink(struct inode *ino, char *dst, size_t size)
{
	struct file *f = file_of(ino);
	long n;

	if (!f)
		return -ENOENT;
	n = fd_text(f, dst, size);
	f->count--; /* as above; file_put would take vfs_lock */
	return n;
}

static int fd_jump(struct inode *ino, struct dentry **out)
{
	struct file *f = file_of(ino);
	int err = 0;

	if (!f)
		return -ENOENT;
	if (f->dentry) {
		*out = f->dentry;
		dentry_get(*out);
	} else if (f->ops == &console_file_ops) {
		err = devfs_stream((uintptr_t)f->priv, out);
	} else {
		err = -ENXIO;
	}
	f->count--;
	return err;
}

static int fd_inode(struct fs *fs, uint64_t nid, struct inode **out);

static const struct inode_ops fd_ops = {.lookup = fd_lookup,
	.list = fd_list,
	.get = fd_inode,
	.readlink = fd_readlink,
	.jump = fd_jump};

static int fd_inode(struct fs *fs, uint64_t nid, struct inode **out)
{
	struct inode *ino = inode_new(fs, S_IFLNK | 0700);

	if (!ino)
		return -ENOMEM;
	ino->nid = nid;
	ino->ino = FD_INO + nid;
	ino->size = 64;
	ino->ops = &fd_ops;
	*out = ino;
	return 0;
}

int proc_fd_add(struct fs *fs)
{
	struct dentry *self;
	struct inode *ino;
	int err = path_walk(fs->root, "1", 0, &self);

	if (err)
		return err;
	err = memfs_add(self, "fd", S_IFDIR | 0500, &ino);
	dentry_put(self);
	if (err)
		return err;
	ino->ops = &fd_ops;
	ino->dynamic = true;
	return 0;
}

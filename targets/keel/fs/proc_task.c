/* SPDX-License-Identifier: Apache-2.0 */
/* The folder /proc/self/task: threads, asked for anew each time. */
#include <asm/errno.h>
#include <linux/stat.h>

#include "fs/file.h"
#include "fs/memfs.h"
#include "fs/path.h"
#include "fs/proc.h"
#include "fs/text.h"
#include "kern/log.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"
#include "sched/sched.h"

/* The number of a node: that of the thread, and what is in its folder. */
enum { FOLDER, COMM, STAT, STATUS, NODE_KINDS, KIND_BITS = 4 };
enum { DT_DIR = 4, DT_REG = 8, TEXT_MAX = 512 };
#define TASK_INO (1ULL << 33)

static const char *const names[NODE_KINDS] = {"", "comm", "stat", "status"};

/* Only in programs that make threads. */
weak struct thread *thread_find(int tid);
weak struct thread *thread_after(int tid);
weak unsigned thread_count(void);

static struct thread *find(uint64_t nid)
{
	int tid = (int)(nid >> KIND_BITS);
	struct thread *t = thread_this();

	if (t->tid == tid)
		return t;
	return thread_find ? thread_find(tid) : NULL;
}

static struct thread *next(int tid)
{
	struct thread *t = thread_this();

	if (thread_after)
		return thread_after(tid);
	return tid < t->tid ? t : NULL;
}

unsigned proc_threads(void)
{
	return thread_count ? thread_count() : 1;
}

static size_t show(const struct thread *t, unsigned kind, char *p)
{
	const char *state = t == thread_this() || t->state == THREAD_READY
				    ? "R (running)"
				    : "S (sleeping)";
	int n = 0;

	switch (kind) {
	case COMM:
		n = ksnprintf(p, TEXT_MAX, "%s\n", t->name);
		break;
	case STAT:
		n = ksnprintf(p, TEXT_MAX, "%d (%s) %c 0 %d %d 0 -1 0", t->tid,
			t->name, state[0], PROC_PID, PROC_PID);
		n += ksnprintf(p + n, TEXT_MAX - n,
			" 0 0 0 0 0 0 0 0 20 0 %u\n", proc_threads());
		break;
	case STATUS:
		n = ksnprintf(p, TEXT_MAX,
			"Name:\t%s\nState:\t%s\nTgid:\t%d\nPid:\t%d\n"
			"Threads:\t%u\nSigBlk:\t%016lx\n"
			"Cpus_allowed:\t1\nCpus_allowed_list:\t0\n",
			t->name, state, PROC_PID, t->tid, proc_threads(),
			t->sig.mask);
		break;
	}
	return n;
}

static long task_read(struct file *f, void *ubuf, size_t n, uint64_t *pos)
{
	const struct thread *t = find(f->inode->nid);
	char text[TEXT_MAX];
	size_t len;

	if (!t)
		return -ESRCH;
	len = show(t, f->inode->nid & (NODE_KINDS - 1), text);
	if (*pos >= len)
		return 0;
	n = MIN(n, len - *pos);
	if (copy_to_user(ubuf, text + *pos, n))
		return -EFAULT;
	*pos += n;
	return n;
}

/* Of comm: the thread's name from here on. */
static long task_write(
	struct file *f, const void *ubuf, size_t n, uint64_t *pos)
{
	char name[sizeof(((struct thread *)0)->name)] = "";
	struct thread *t;

	(void)pos;
	if (copy_from_user(name, ubuf, MIN(n, sizeof(name) - 1)))
		return -EFAULT;
	t = find(f->inode->nid);
	if (!t)
		return -ESRCH;
	memcpy(t->name, name, sizeof(name));
	return n;
}

static const struct file_ops task_file_ops = {
	.read = task_read, .seek = text_seek};
static const struct file_ops comm_file_ops = {
	.read = task_read, .write = task_write, .seek = text_seek};

static int task_open(struct inode *ino, struct file *f)
{
	bool comm = (ino->nid & (NODE_KINDS - 1)) == COMM;

	if (!comm && f->flags & 3)
		return -EACCES;
	f->ops = comm ? &comm_file_ops : &task_file_ops;
	return 0;
}

static int file_lookup(struct inode *dir, struct name name, uint64_t *nid)
{
	if (!find(dir->nid))
		return -ENOENT;
	for (unsigned i = FOLDER + 1; i < NODE_KINDS; i++)
		if (name.len == strlen(names[i]) &&
			!memcmp(name.s, names[i], name.len)) {
			*nid = dir->nid | i;
			return 0;
		}
	return -ENOENT;
}

static int file_list(struct inode *dir, inode_list_fn *fn, void *arg)
{
	int err = 0;

	for (unsigned i = FOLDER + 1; i < NODE_KINDS && !err; i++)
		err = fn(arg, name_of(names[i]), TASK_INO + (dir->nid | i),
			DT_REG);
	return err;
}

static int task_lookup(struct inode *dir, struct name name, uint64_t *nid)
{
	uint64_t tid = 0;

	(void)dir;
	if (name.len > 9 || *name.s == '0')
		return -ENOENT;
	for (size_t i = 0; i < name.len; i++) {
		if (name.s[i] < '0' || name.s[i] > '9')
			return -ENOENT;
		tid = tid * 10 + (name.s[i] - '0');
	}
	*nid = tid << KIND_BITS;
	return find(*nid) ? 0 : -ENOENT;
}

static int task_list(struct inode *dir, inode_list_fn *fn, void *arg)
{
	int err = 0, tid = 0;
	struct thread *t;

	(void)dir;
	while (!err && (t = next(tid))) {
		char text[12];

		tid = t->tid;
		ksnprintf(text, sizeof(text), "%d", tid);
		err = fn(arg, name_of(text),
			TASK_INO + ((uint64_t)tid << KIND_BITS), DT_DIR);
	}
	return err;
}

static int task_inode(struct fs *fs, uint64_t nid, struct inode **out);

static const struct inode_ops task_ops = {
	.lookup = task_lookup, .list = task_list, .get = task_inode};
static const struct inode_ops folder_ops = {
	.lookup = file_lookup, .list = file_list, .get = task_inode};
static const struct inode_ops text_ops = {.open = task_open};

static int task_inode(struct fs *fs, uint64_t nid, struct inode **out)
{
	unsigned kind = nid & (NODE_KINDS - 1);
	struct inode *ino = inode_new(
		fs, kind == FOLDER ? S_IFDIR | 0555
				   : S_IFREG | (kind == COMM ? 0644 : 0444));

	if (!ino)
		return -ENOMEM;
	ino->nid = nid;
	ino->ino = TASK_INO + nid;
	ino->ops = kind == FOLDER ? &folder_ops : &text_ops;
	ino->dynamic = true;
	*out = ino;
	return 0;
}

int proc_task_add(struct fs *fs)
{
	struct dentry *self;
	struct inode *ino;
	int err = path_walk(fs->root, "1", 0, &self);

	if (err)
		return err;
	err = memfs_add(self, "task", S_IFDIR | 0555, &ino);
	dentry_put(self);
	if (err)
		return err;
	ino->ops = &task_ops;
	ino->dynamic = true;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Open files and the table of file descriptors. */
#include "fs/file.h"

#include <asm/errno.h>
#include <asm/fcntl.h>

#include "drivers/console.h"
#include "kern/string.h"
#include "mm/kmalloc.h"

struct fd_slot {
	struct file *file; /* NULL: free */
	bool cloexec;
};

enum { FD_FIRST = 16 };

static struct fd_slot fd_first[FD_FIRST];
static struct {
	struct spinlock lock;
	struct fd_slot *slot; /* under lock, as all below */
	int size;
	int lowest; /* no free one below */
} fds = {.slot = fd_first, .size = FD_FIRST};

/* As engines give it to containers: servers that were not asked to raise it
 * have many connections, too. */
uint64_t fd_limit = 65536;

struct file *file_new(const struct file_ops *ops, uint32_t flags)
{
	struct file *f = kzalloc(sizeof(*f));

	if (!f)
		return NULL;
	f->count = 1;
	f->ops = ops;
	f->flags = flags;
	return f;
}

void file_get(struct file *f)
{
	__atomic_add_fetch(&f->count, 1, __ATOMIC_RELAXED);
}

void file_put(struct file *f)
{
	if (!f || __atomic_sub_fetch(&f->count, 1, __ATOMIC_ACQ_REL))
		return;
	if (f->watched && epoll_forget)
		epoll_forget(f);
	if (f->ops->release)
		f->ops->release(f);
	if (f->inode && file_put_inode)
		file_put_inode(f);
	kfree(f);
}

static struct fd_slot *slot_of(int fd)
{
	if (fd < 0 || fd >= fds.size || !fds.slot[fd].file)
		return NULL;
	return &fds.slot[fd];
}

struct file *fd_get(int fd)
{
	struct fd_slot *s;
	struct file *f;

	spin_enter(&fds.lock);
	s = slot_of(fd);
	f = s ? s->file : NULL;
	if (f)
		file_get(f);
	spin_leave(&fds.lock);
	return f;
}

/* Room for descriptors below `want`; the table never shrinks. */
static int grow(int want)
{
	int size = fds.size;
	struct fd_slot *slot, *old;

	while (size < want)
		size *= 2;
	slot = kzalloc(size * sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	spin_enter(&fds.lock);
	old = fds.slot;
	if (fds.size < size) {
		memcpy(slot, old, fds.size * sizeof(*slot));
		fds.slot = slot;
		fds.size = size;
	} else {
		old = slot;
	}
	spin_leave(&fds.lock);
	if (old != fd_first)
		kfree(old);
	return 0;
}

int fd_install(struct file *f, int min, bool cloexec)
{
	for (;;) {
		int fd, size, err;

		spin_enter(&fds.lock);
		fd = MAX(min, fds.lowest);
		size = fds.size;
		while (fd < size && fds.slot[fd].file)
			fd++;
		if (min <= fds.lowest)
			fds.lowest = fd;
		if ((uint64_t)fd < fd_limit && fd < size) {
			fds.slot[fd] = (struct fd_slot){f, cloexec};
			spin_leave(&fds.lock);
			return fd;
		}
		spin_leave(&fds.lock);
		if ((uint64_t)fd >= fd_limit)
			return -EMFILE;
		err = grow(fd + 1);
		if (err)
			return err;
	}
}

int fd_room(void)
{
	int fd;

	spin_enter(&fds.lock);
	fd = fds.lowest;
	while (fd < fds.size && fds.slot[fd].file)
		fd++;
	fds.lowest = fd;
	spin_leave(&fds.lock);
	return (uint64_t)fd < fd_limit ? 0 : -EMFILE;
}

/* What close(2) does beyond the reference. */
static void put_closed(struct file *f)
{
	if (f->inode && lock_release_posix)
		lock_release_posix(f->inode);
	file_put(f);
}

int fd_close(int fd)
{
	struct fd_slot *s;
	struct file *f;

	spin_enter(&fds.lock);
	s = slot_of(fd);
	if (!s) {
		spin_leave(&fds.lock);
		return -EBADF;
	}
	f = s->file;
	s->file = NULL;
	fds.lowest = MIN(fds.lowest, fd);
	spin_leave(&fds.lock);
	put_closed(f);
	return 0;
}

int fd_replace(int from, int to, bool cloexec)
{
	struct file *f = fd_get(from), *old;

	if (!f || to < 0 || (uint64_t)to >= fd_limit) {
		file_put(f);
		return -EBADF;
	}
	if (to >= fds.size && grow(to + 1)) {
		file_put(f);
		return -EMFILE;
	}
	spin_enter(&fds.lock);
	old = fds.slot[to].file;
	fds.slot[to] = (struct fd_slot){f, cloexec};
	spin_leave(&fds.lock);
	if (old)
		put_closed(old);
	return to;
}

int fd_get_cloexec(int fd)
{
	struct fd_slot *s = slot_of(fd);

	return s ? s->cloexec : -EBADF;
}

int fd_set_cloexec(int fd, bool cloexec)
{
	struct fd_slot *s = slot_of(fd);

	if (!s)
		return -EBADF;
	s->cloexec = cloexec;
	return 0;
}

int fd_next(int fd)
{
	for (fd = MAX(fd, 0); fd < fds.size; fd++) {
		if (fds.slot[fd].file)
			return fd;
	}
	return -1;
}

/* The three files of the start are not from kmalloc: they hold one
 * reference to themselves, so that they are never freed. */
void fd_init(void)
{
	static struct file stream[3];

	for (int i = 0; i < 3; i++) {
		stream[i].count = 2;
		stream[i].ops = &console_file_ops;
		stream[i].flags = O_RDWR;
		stream[i].priv = (void *)(uintptr_t)i;
		fds.slot[i].file = &stream[i];
	}
	fds.lowest = 3;
}

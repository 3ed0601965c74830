/* SPDX-License-Identifier: Apache-2.0 */
/* Locks on files: record locks (fcntl(2)) and whole ones (flock(2)). */
#include "fs/lock.h"

#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/fs.h>

#include "fs/kstat.h"
#include "mm/kmalloc.h"

/* One held range. keel is not preempted: lists change in one go, between
 * allocating and waiting. */
struct record_lock {
	struct record_lock *next;
	const struct file *owner; /* NULL: the process */
	uint64_t start, end;      /* both included */
	short type;               /* F_RDLCK, F_WRLCK */
	bool whole;               /* by flock: apart from the others */
};

static struct waitq lock_wait; /* woken when any lock goes */

static struct record_lock *conflict(
	struct inode *ino, const struct record_lock *want)
{
	struct record_lock *l;

	for (l = ino->locks; l; l = l->next) {
		if (l->whole != want->whole || l->owner == want->owner)
			continue;
		if (l->start > want->end || want->start > l->end)
			continue;
		if (l->type == F_WRLCK || want->type == F_WRLCK)
			return l;
	}
	return NULL;
}

/* Takes the range out of what the owner holds. A lock around it is split
 * with the memory of *spare. */
static void cut(struct inode *ino, const struct record_lock *r,
	struct record_lock **spare)
{
	struct record_lock **p = &ino->locks, *l;

	while ((l = *p)) {
		if (l->whole != r->whole || l->owner != r->owner ||
			l->start > r->end || r->start > l->end) {
			p = &l->next;
			continue;
		}
		if (l->start < r->start && l->end > r->end) {
			struct record_lock *tail = *spare;

			*spare = NULL;
			*tail = *l;
			tail->start = r->end + 1;
			l->end = r->start - 1;
			l->next = tail;
			p = &tail->next;
		} else if (l->start < r->start) {
			l->end = r->start - 1;
			p = &l->next;
		} else if (l->end > r->end) {
			l->start = r->end + 1;
			p = &l->next;
		} else {
			*p = l->next;
			kfree(l);
		}
	}
}

static int set_lock(
	struct inode *ino, const struct record_lock *want, bool wait)
{
	struct record_lock *new = kmalloc(sizeof(*new));
	struct record_lock *spare = kmalloc(sizeof(*spare));
	int err = 0;

	if (!new || !spare) {
		err = -ENOLCK;
		goto out;
	}
	/* flock gives up what it had before it asks for another kind. */
	if (want->type == F_UNLCK || want->whole)
		cut(ino, want, &spare);
	if (want->type == F_UNLCK) {
		waitq_wake(&lock_wait);
		goto out;
	}
	if (conflict(ino, want))
		err = wait ? wait_event(&lock_wait, NEVER, !conflict(ino, want))
			   : -EAGAIN;
	if (err)
		goto out;
	cut(ino, want, &spare);
	*new = *want;
	new->next = ino->locks;
	ino->locks = new;
	new = NULL;
	waitq_wake(&lock_wait); /* perhaps a write lock became a read lock */
out:
	kfree(spare);
	kfree(new);
	return err;
}

static void drop_owned(struct inode *ino, const struct file *owner)
{
	struct record_lock **p = &ino->locks, *l;

	while ((l = *p)) {
		if (l->owner == owner) {
			*p = l->next;
			kfree(l);
		} else {
			p = &l->next;
		}
	}
	waitq_wake(&lock_wait);
}

void lock_release_posix(struct inode *ino)
{
	if (ino->locks)
		drop_owned(ino, NULL);
}

void lock_release_file(struct file *f)
{
	drop_owned(f->inode, f);
}

/* From the program's form to a range; -EINVAL, -EOVERFLOW. */
static int range_of(
	struct file *f, const struct flock *fl, struct record_lock *out)
{
	struct kstat st = {0};
	int64_t start;

	switch (fl->l_whence) {
	case SEEK_SET:
		start = 0;
		break;
	case SEEK_CUR:
		start = f->pos;
		break;
	case SEEK_END:
		start = f->inode && !file_stat(f, &st) ? st.size : 0;
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(start, fl->l_start, &start))
		return -EOVERFLOW;
	if (start < 0)
		return -EINVAL;
	out->start = start;
	if (fl->l_len > 0) {
		if (fl->l_len - 1 > INT64_MAX - start)
			return -EOVERFLOW;
		out->end = start + (fl->l_len - 1);
	} else if (fl->l_len < 0) {
		if (start + fl->l_len < 0)
			return -EINVAL;
		out->end = start - 1;
		out->start = start + fl->l_len;
	} else {
		out->end = INT64_MAX;
	}
	return 0;
}

static int lock_of(struct file *f, const struct flock *fl, bool ofd,
	struct record_lock *out)
{
	*out = (struct record_lock){.type = fl->l_type};
	if (ofd) {
		if (fl->l_pid)
			return -EINVAL;
		out->owner = f;
	}
	return range_of(f, fl, out);
}

int lock_record_get(struct file *f, struct flock *fl, bool ofd)
{
	struct record_lock want, *l;
	int err;

	if (fl->l_type != F_RDLCK && fl->l_type != F_WRLCK)
		return -EINVAL;
	err = lock_of(f, fl, ofd, &want);
	if (err)
		return err;
	l = f->inode ? conflict(f->inode, &want) : NULL;
	if (!l) {
		fl->l_type = F_UNLCK;
		return 0;
	}
	fl->l_type = l->type;
	fl->l_whence = SEEK_SET;
	fl->l_start = l->start;
	fl->l_len = l->end == INT64_MAX ? 0 : l->end - l->start + 1;
	fl->l_pid = l->owner ? -1 : 1;
	return 0;
}

int lock_record_set(struct file *f, const struct flock *fl, bool ofd, bool wait)
{
	uint32_t acc = f->flags & O_ACCMODE;
	struct record_lock want;
	int err = lock_of(f, fl, ofd, &want);

	if (err)
		return err;
	switch (fl->l_type) {
	case F_RDLCK:
		if (acc == O_WRONLY)
			return -EBADF;
		break;
	case F_WRLCK:
		if (acc == O_RDONLY)
			return -EBADF;
		break;
	case F_UNLCK:
		break;
	default:
		return -EINVAL;
	}
	if (!f->inode) /* the process alone can never conflict */
		return ofd ? -EINVAL : 0;
	return set_lock(f->inode, &want, wait);
}

int lock_whole(struct file *f, int operation)
{
	struct record_lock want = {.owner = f, .end = INT64_MAX, .whole = true};

	switch (operation & ~LOCK_NB) {
	case LOCK_SH:
		want.type = F_RDLCK;
		break;
	case LOCK_EX:
		want.type = F_WRLCK;
		break;
	case LOCK_UN:
		want.type = F_UNLCK;
		break;
	default:
		return -EINVAL;
	}
	if (!f->inode)
		return -EINVAL;
	return set_lock(f->inode, &want, !(operation & LOCK_NB));
}

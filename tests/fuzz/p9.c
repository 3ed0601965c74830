/* SPDX-License-Identifier: Apache-2.0 */
/* Uses a volume whose host answers with whatever the input says. */
#include <asm/statfs.h>
#include <errno.h>
#include <linux/fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/keel-fs-fake.h"
#include "fs/9p.h"
#include "fs/file.h"
#include "fs/memfs.h"
#include "fs/names.h"
#include "fs/open.h"
#include "fs/remote.h"
#include "kern/log.h"
#include "mm/kmalloc.h"
#include "mm/vma.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *input, *input_end;
static char buf[3 * PAGE_SIZE];

static unsigned take(void)
{
	return input < input_end ? *input++ : 0;
}

/* --- what is below the client ---------------------------------------------*/

int waitq_sleep_hard(void)
{
	abort(); /* nothing here has to be waited for */
}

const char process_exit_linked = 1;

void pages_free(void *va, unsigned order)
{
	(void)order;
	free(va);
}

void vma_protect_inode(struct inode *ino, uint64_t index, uint64_t npages)
{
	(void)ino;
	(void)index;
	(void)npages;
}

uint64_t virtq_pa(const void *va, size_t n, size_t *left)
{
	if (left)
		*left = n;
	return (uintptr_t)va;
}

static char *va_of(uint64_t pa)
{
	if (pa >> PAGE_SHIFT > FAKE_PAGES_MAX)
		return (char *)pa;
	return (char *)page_va(page_of_pa(pa & PAGE_MASK)) + (pa & ~PAGE_MASK);
}

struct virtio_9p *virtio_9p_find(const char *tag, size_t len)
{
	(void)tag;
	(void)len;
	return (struct virtio_9p *)(uintptr_t)1;
}

/* A reply as one would be, up to its content. */
static size_t reply(uint8_t *r, unsigned type)
{
	static const char version[] = "\0\0\1\0\x8\0"
				      "9P2000.L";
	unsigned how = take();
	size_t n = P9_HEADER;

	memset(r, 0, P9_MSG_SIZE);
	r[4] = type + 1;
	if (type == P9_TVERSION && how != 255) {
		memcpy(r + n, version, 14);
		return n + 14;
	}
	if (how >= 248) {
		r[4] = how == 255 ? take() : P9_RLERROR;
		r[n] = take();
		r[n + 1] = how == 254 ? take() : 0;
		return n + 4;
	}
	if (type == P9_TWALK && how < 240)
		r[n] = how & 1, n += 2;
	for (unsigned i = how & 63; i && n < 200; i--)
		r[n++] = take();
	return how & 64 ? 160 : n;
}

struct waitq *virtio_9p_waitq(struct virtio_9p *d)
{
	static struct waitq q;

	(void)d;
	return &q;
}

bool virtio_9p_done(struct virtio_9p *d, struct virtio_9p_call *c)
{
	(void)d;
	return c->done;
}

int virtio_9p_send(struct virtio_9p *d, struct virtio_9p_call *c,
	const struct virtq_buf *pieces, unsigned nout, unsigned nin)
{
	static uint8_t r[P9_MSG_SIZE];
	uint8_t type = (uint8_t)va_of(pieces[0].pa)[4];
	size_t n = reply(r, type), done = 0, all;
	unsigned lie = take();

	(void)d;
	/* All that is given to the device can be read, and written. */
	for (unsigned i = 0; i < nout; i++) {
		volatile char sum = 0;

		for (uint32_t k = 0; k < pieces[i].len; k++)
			sum ^= va_of(pieces[i].pa)[k];
	}
	for (unsigned i = nout; i < nout + nin; i++) {
		char *to = va_of(pieces[i].pa);
		size_t part = MIN(pieces[i].len, n - done);

		memcpy(to, r + done, part);
		if (lie & 1) /* a device may write all of it */
			memset(to + part, lie, pieces[i].len - part);
		done += part;
	}
	all = lie & 2 ? 7 + lie : done;
	memcpy(va_of(pieces[nout].pa), &all, 4);
	*c = (struct virtio_9p_call){.done = true, .len = all};
	if (lie == 253)
		c->err = -EIO;
	return lie == 252 ? -EIO : 0;
}

/* --- what a program does --------------------------------------------------*/

static struct fs volume;

static char *path(char *p)
{
	static const char *const names[] = {
		"a", "b", "c/d", "c/..", ".", "c/d/e", "a/", "f"};

	return strcpy(p, names[take() & 7]);
}

static void use(struct file *f)
{
	uint64_t pos = take() * 1000;
	struct page *page;
	struct kstat st;
	unsigned what = take();

	if (f->ops->getdents)
		f->ops->getdents(f, buf, 100 + what * 8);
	if (what & 1 && f->ops->read)
		f->ops->read(f, buf, what * 40, &pos);
	if (what & 2 && f->ops->write)
		f->ops->write(f, buf, what * 40, &pos);
	if (what & 4 && f->ops->truncate)
		f->ops->truncate(f, what * 100);
	if (what & 8 && f->ops->seek)
		f->ops->seek(f, take(), take() & 7);
	for (unsigned i = 0; what & 16 && f->ops->get_page && i < 3; i++)
		if (!f->ops->get_page(f, take() & 7, take() & 1, &page))
			page_put(page);
	if (what & 32 && f->ops->fsync)
		f->ops->fsync(f, what & 1);
	/* A host's link may lead out of the volume. */
	if (what & 64 && f->inode->fs->remote)
		f->inode->fs->remote->stat(f->inode, f, &st);
	if (what & 128 && f->inode->fs->remote)
		f->inode->fs->remote->unmapped(f);
}

static void open_one(void)
{
	static const uint32_t flags[] = {O_RDONLY, O_RDWR, O_RDWR | O_CREAT,
		O_WRONLY | O_APPEND | O_CREAT, O_RDWR | O_TRUNC, O_PATH,
		O_DIRECTORY, O_RDWR | O_CREAT | O_EXCL};
	struct file *f;
	char p[16];

	if (open_path(volume.root, path(p), flags[take() & 7], 0644, &f))
		return;
	use(f);
	if (take() & 1) {
		mutex_lock(&vfs_lock);
		name_unlink(volume.root, path(p));
		mutex_unlock(&vfs_lock);
		use(f);
	}
	file_put(f);
}

static void name_one(void)
{
	struct remote_change change = {.what = take(), .size = take()};
	struct dentry *d;
	struct kstat st;
	struct statfs s;
	char p[16], q[16];

	mutex_lock(&vfs_lock);
	switch (take() & 7) {
	case 0:
		name_mkdir(volume.root, path(p), 0755);
		break;
	case 1:
		name_rename(volume.root, path(p), volume.root, path(q), 0);
		break;
	case 2:
		name_rmdir(volume.root, path(p));
		break;
	case 3:
		name_symlink(volume.root, path(p), "target");
		break;
	case 4:
		name_mknod(volume.root, path(p), 0100600, 0);
		break;
	case 5:
		volume.remote->statfs(&volume, &s);
		break;
	default:
		if (path_walk(volume.root, path(p), take() & 1, &d))
			break;
		inode_readlink(d->inode, buf, PATH_LEN_MAX);
		if (d->fs->remote) {
			d->fs->remote->stat(d->inode, NULL, &st);
			d->fs->remote->change(d->inode, NULL, &change);
		}
		name_link(d, volume.root, path(q));
		dentry_put(d);
	}
	mutex_unlock(&vfs_lock);
}

static void end_session(struct p9 *c)
{
	while (c->posted) {
		struct p9_msg *m = c->posted;

		c->posted = m->next;
		p9_fid_free(c, m->fid);
		m->next = c->idle;
		c->idle = m;
	}
	while (c->idle) {
		struct p9_msg *m = c->idle;

		c->idle = m->next;
		free(m->out);
		kfree(m);
	}
	while (c->free_fid) {
		struct p9_fid *f = c->free_fid;

		c->free_fid = f->next;
		kfree(f);
	}
	kfree(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct p9_fid *root;
	struct p9_qid qid;
	struct inode *ino;
	struct fs *top;
	struct p9 *c;

	if (!mount_first && !memfs_new("tmpfs", MEMFS_TMPFS, 0755, &top)) {
		top->mounted_ro =
			true; /* an input leaves nothing to the next */
		mount_at(top, NULL);
	}
	input = data;
	input_end = data + size;
	fake_pages = 2048;
	if (p9_open_session("tag", 3, &c, &root, &qid)) {
		p9_fid_free(c, root);
		end_session(c);
		return 0;
	}
	qid = (struct p9_qid){.type = P9_QTDIR, .path = 1};
	volume = (struct fs){.dev = 77, .priv = c, .remote = &p9_remote_ops};
	if (p9_inode_get(&volume, root, qid, &ino))
		abort();
	volume.root = dentry_new_free(&volume, NULL, name_of("/"), ino);
	for (unsigned i = 0; i < 40 && input < input_end; i++)
		take() & 1 ? open_one() : name_one();
	mutex_lock(&vfs_lock);
	dentry_put(volume.root);
	mutex_unlock(&vfs_lock);
	end_session(c);
	return 0;
}

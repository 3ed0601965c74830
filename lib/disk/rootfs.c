/* SPDX-License-Identifier: Apache-2.0 */
/* The root filesystem: stages the files, runs mkfs.erofs, sets owners. */
#include "disk/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/digest.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/proc.h"
#include "disk/erofs.h"
#include "disk/guid.h"
#include "disk/nodes.h"

static unsigned source_mode(const struct stat *st)
{
	return st->st_mode & 0111 ? 0755 : 0644;
}

struct tree_arg {
	struct nodes *list;
	const struct app_file *file;
	const char *to;
};

static int visit_tree(const char *path, const char *rel, const struct stat *st,
	void *arg, struct err *e)
{
	struct tree_arg *t = arg;
	const struct app_file *f = t->file;
	_free_ char *to =
		xasprintf("%s%s%s", t->to, *t->to && *rel ? "/" : "", rel);
	struct node *node = nodes_add(t->list, to, NODE_TREE);

	node->uid = f->uid;
	node->gid = f->gid;
	if (S_ISDIR(st->st_mode))
		return 0;
	if (S_ISREG(st->st_mode)) {
		node->from = xstrdup(path);
		node->mode = f->mode >= 0 ? (unsigned)f->mode : source_mode(st);
		return 0;
	}
	if (S_ISLNK(st->st_mode)) {
		char target[4096];
		ssize_t n = readlink(path, target, sizeof(target) - 1);

		if (n < 0)
			return err_errno(e, "read link %s", path);
		target[n] = 0;
		node->link = xstrdup(target);
		node->mode = 0777;
		return 0;
	}
	return err_set(e, -EINVAL,
		"%s: not a regular file, folder or symbolic link", path);
}

static int add_file(struct nodes *l, const struct app_file *f, struct err *e)
{
	const char *to = f->to + strspn(f->to, "/");
	struct node *node;
	struct stat st;

	if (!f->layer) /* an image has its folders itself */
		nodes_add_parents(l, to, f->weak ? NODE_ABOVE : NODE_PARENT);
	if (f->from && !f->link) {
		if (stat(f->from, &st) < 0)
			return err_errno(e, "open %s", f->from);
		if (S_ISDIR(st.st_mode)) {
			struct tree_arg t = {l, f, to};

			return file_walk(f->from, visit_tree, &t, e);
		}
		if (!S_ISREG(st.st_mode))
			return err_set(e, -EINVAL,
				"%s: not a regular file or folder", f->from);
	}
	node = nodes_add(l, to, f->weak ? NODE_WEAK : NODE_LISTED);
	node->uid = f->uid;
	node->gid = f->gid;
	node->mtime = f->mtime;
	node->own = f->layer != 0;
	if (f->link) {
		node->link = xstrdup(f->link);
		node->mode = 0777;
	} else if (f->from) {
		node->from = xstrdup(f->from);
		node->mode =
			f->mode >= 0 ? (unsigned)f->mode : source_mode(&st);
	} else if (f->mode >= 0) {
		node->mode = (unsigned)f->mode;
	}
	return 0;
}

/* What is sparse in the tree is not in the image: better to fail before. */
static int check_room(const struct nodes *l, const char *path, struct err *e)
{
	_free_ char *dir = path_dir(path);
	uint64_t need = 0, room;
	struct statvfs fs;
	struct stat st;

	for (size_t i = 0; i < l->n; i++) {
		if (!l->v[i].from)
			continue;
		if (stat(l->v[i].from, &st) < 0)
			return err_errno(e, "open %s", l->v[i].from);
		need += (uint64_t)st.st_size;
	}
	if (statvfs(dir, &fs) < 0)
		return err_errno(e, "stat %s", dir);
	room = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (need <= room)
		return 0;
	return err_set(e, -ENOSPC,
		"No space left on device: the files have %" PRIu64
		" MiB, %s has %" PRIu64,
		need >> 20, dir, room >> 20);
}

static int stage_file(
	const struct node *n, const char *path, struct digest *d, struct err *e)
{
	_close_ int in = open(n->from, O_RDONLY | O_CLOEXEC);
	_close_ int out = -1;
	struct digest_hex hex;
	struct stat st;
	int r;

	if (n->own && link(n->from, path) == 0) {
		r = digest_file(path, &hex, e);
		digest_add_str(d, hex.s);
		return r;
	}
	if (in < 0 || fstat(in, &st) < 0)
		return err_errno(e, "open %s", n->from);
	out = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0 || ftruncate(out, st.st_size) < 0)
		return err_errno(e, "create %s", path);
	r = file_copy_range(in, 0, out, 0, (uint64_t)st.st_size, e);
	if (r < 0)
		return err_wrap(e, "copy %s", n->from);
	r = digest_file(path, &hex, e);
	digest_add_str(d, hex.s);
	return r;
}

/* Builds the tree below `dir`; the digest covers all that goes into it. */
static int stage(
	const struct nodes *l, const char *dir, struct digest *d, struct err *e)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct node *n = &l->v[i];
		_free_ char *path = path_join(dir, n->path);
		uint32_t meta[3] = {n->mode, n->uid, n->gid};
		int r = 0;

		digest_add_str(d, n->path);
		digest_add(d, meta, sizeof(meta));
		if (n->mtime)
			digest_add(d, &n->mtime, sizeof(n->mtime));
		digest_add_str(d, n->link ? "link" : n->from ? "file" : "dir");
		if (n->link) {
			digest_add_str(d, n->link);
			r = symlink(n->link, path);
			if (r < 0)
				return err_errno(e, "create link %s", path);
		} else if (n->from) {
			r = stage_file(n, path, d, e);
			if (r < 0)
				return r;
		} else if (*n->path && mkdir(path, 0700) < 0) {
			return err_errno(e, "create folder /%s", n->path);
		}
	}
	return 0;
}

static int make_image(const struct nodes *l, const char *dir, const char *seed,
	uint64_t epoch, const char *path, struct err *e)
{
	struct guid uuid = guid_derive(seed, "rootfs");
	char uuid_text[GUID_TEXT];
	_strv_ struct strv argv = {0};
	_buf_ struct buf text = {0};
	struct proc p;
	int extended = 0, r;

	for (size_t i = 0; i < l->n; i++)
		extended |= l->v[i].uid > 0xffff || l->v[i].gid > 0xffff ||
			    l->v[i].mtime;
	guid_format(&uuid, uuid_text);
	/* with this variable it lays inodes out in another way */
	strv_add(&argv, "env");
	strv_add(&argv, "-uSOURCE_DATE_EPOCH");
	strv_add(&argv, "mkfs.erofs");
	strv_add(&argv, "-d0");
	strv_add(&argv, "-x-1");
	strv_addf(&argv, "-T%" PRIu64, epoch);
	strv_addf(&argv, "-U%s", uuid_text);
	strv_add(&argv, "--all-root");
	if (extended)
		strv_add(&argv, "-Eforce-inode-extended");
	strv_add(&argv, path);
	strv_add(&argv, dir);
	p = (struct proc)PROC_INIT(argv.v);
	p.out = &text;
	p.err = &text;
	r = proc_check(&p, e);
	return r < 0 ? err_wrap(e, "mkfs.erofs") : 0;
}

static int set_owners(const struct nodes *l, int fd, struct err *e)
{
	_free_ struct erofs_owner *v = xcalloc(l->n, sizeof(*v));
	struct stat st;
	uint8_t *p;
	int r;

	for (size_t i = 0; i < l->n; i++)
		v[i] = (struct erofs_owner){l->v[i].path, l->v[i].mode,
			l->v[i].uid, l->v[i].gid, l->v[i].mtime};
	if (fstat(fd, &st) < 0)
		return err_errno(e, "stat");
	if (st.st_size == 0)
		return err_set(e, -EIO, "mkfs.erofs wrote nothing");
	p = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		fd, 0);
	if (p == MAP_FAILED)
		return err_errno(e, "map");
	r = erofs_set_owners(p, (size_t)st.st_size, v, l->n, e);
	munmap(p, (size_t)st.st_size);
	return r;
}

/* All that the files stand for, in the order of their paths. */
static int list_files(struct nodes *list, const struct app_file *files,
	size_t n, struct err *e)
{
	int r = 0;

	nodes_add(list, "", NODE_PARENT);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_file(list, &files[i], e);
	return r < 0 ? r : nodes_settle(list, e);
}

int rootfs_each(const struct app_file *files, size_t n, rootfs_file_fn *fn,
	void *arg, struct err *e)
{
	_nodes_ struct nodes list = {0};
	int r = list_files(&list, files, n, e);

	for (size_t i = 0; r == 0 && i < list.n; i++) {
		_free_ char *path = xasprintf("/%s", list.v[i].path);

		if (list.v[i].from)
			r = fn(path, list.v[i].from, arg, e);
	}
	return r;
}

/* The files of an image are linked, so they must be of one file system. */
static int has_image(const struct nodes *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].own)
			return 1;
	return 0;
}

int rootfs_write(const struct app_file *files, size_t n, uint64_t epoch,
	const char *path, struct err *e)
{
	_nodes_ struct nodes list = {0};
	_outfile_ struct outfile out = {.fd = -1};
	_free_ char *dir = NULL;
	struct digest_hex seed;
	struct digest d;
	struct err ignored;
	int r = list_files(&list, files, n, e);

	if (r < 0)
		return r;
	if (check_room(&list, path, e) < 0)
		return err_wrap(e, "root filesystem");
	dir = has_image(&list) ? file_temp_dir_beside(path, e)
			       : file_temp_dir("slipway-root", e);
	if (!dir)
		return e->code;
	digest_init(&d);
	digest_add_str(&d, "slipway rootfs 1");
	digest_add(&d, &epoch, sizeof(epoch));
	r = stage(&list, dir, &d, e);
	seed = digest_end(&d);
	if (r == 0)
		r = file_create(&out, path, 0644, e);
	if (r == 0)
		r = make_image(&list, dir, seed.s, epoch, out.tmp, e);
	if (r == 0)
		r = set_owners(&list, out.fd, e);
	file_remove_tree(dir, &ignored);
	if (r == 0)
		r = file_commit(&out, e);
	return r < 0 ? err_wrap(e, "root filesystem") : 0;
}

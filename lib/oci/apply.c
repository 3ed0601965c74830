/* SPDX-License-Identifier: Apache-2.0 */
/* Puts the layers of an image on top of each other. */
#include "oci/apply.h"

#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "oci/stream.h"

#define WHITEOUT ".wh."
#define OPAQUE   ".wh..wh..opq"
/* Of a union file system's own; nothing to us. */
#define AUFS ".wh..wh."

struct apply {
	const char *dir;
	struct oci_tree *tree;
	unsigned layer;
	uint64_t contents; /* numbers given so far */
	/* What was left out: how many, and the first. */
	struct left {
		unsigned long n;
		char *first;
	} devices, pipes, xattrs, acls;
};

char *oci_content_path(const char *dir, uint64_t content)
{
	return xasprintf("%s/%" PRIu64, dir, content);
}

static void drop_content(uint64_t content, void *arg)
{
	const struct apply *a = arg;
	_free_ char *path = oci_content_path(a->dir, content);

	unlink(path);
}

static void leave_out(struct left *l, const char *path, const char *what)
{
	if (!l->n++)
		l->first =
			what ? xasprintf("%s: %s", path, what) : xstrdup(path);
}

/* More than the disk has need not be unpacked to see it. */
static int check_space(
	const struct apply *a, const struct archive_entry *ae, struct err *e)
{
	struct archive_entry *en = (struct archive_entry *)(uintptr_t)ae;
	uint64_t size = (uint64_t)archive_entry_size(en), room;
	struct statvfs fs;

	if (statvfs(a->dir, &fs) < 0)
		return err_errno(e, "stat %s", a->dir);
	room = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (size <= room)
		return 0;
	return err_set(e, -ENOSPC,
		"No space left on device: the file has %" PRIu64
		" MiB, %s has %" PRIu64,
		size >> 20, a->dir, room >> 20);
}

static int write_content(struct apply *a, struct archive *tar,
	struct archive_entry *ae, const char *path, uint64_t *content,
	struct err *e)
{
	_free_ char *file = oci_content_path(a->dir, a->contents + 1);
	_close_ int fd = -1;
	int r = check_space(a, ae, e);

	if (r < 0)
		return r;
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(e, "create %s", file);
	*content = ++a->contents;
	return store_extract(tar, path, fd, e);
}

static void note_attributes(
	struct apply *a, struct archive_entry *ae, const char *path)
{
	const char *name;
	const void *value;
	size_t len;

	if (archive_entry_xattr_reset(ae) > 0 &&
		archive_entry_xattr_next(ae, &name, &value, &len) == ARCHIVE_OK)
		leave_out(&a->xattrs, path, name);
	if (archive_entry_acl_types(ae))
		leave_out(&a->acls, path, NULL);
}

/* NULL with *e: an error; NULL with e->code 0: left out. */
static struct oci_inode *make_inode(struct apply *a, struct archive *tar,
	struct archive_entry *ae, const char *path, struct err *e)
{
	struct oci_inode *i;
	const char *link;
	uint64_t content = 0;

	e->code = 0;
	switch (archive_entry_filetype(ae)) {
	case AE_IFDIR:
		i = oci_inode_new(OCI_DIR);
		break;
	case AE_IFREG:
		if (write_content(a, tar, ae, path, &content, e) < 0)
			return NULL;
		i = oci_inode_new(OCI_FILE);
		i->content = content;
		break;
	case AE_IFLNK:
		link = archive_entry_symlink(ae);
		if (!link || !*link || strlen(link) > 4095) {
			err_set(e, -EINVAL, "a link to nothing");
			return NULL;
		}
		i = oci_inode_new(OCI_LINK);
		i->link = xstrdup(link);
		break;
	case AE_IFCHR:
	case AE_IFBLK:
		leave_out(&a->devices, path, NULL);
		return NULL;
	case AE_IFIFO:
	case AE_IFSOCK:
		leave_out(&a->pipes, path, NULL);
		return NULL;
	default:
		err_set(e, -EINVAL, "not a kind of file that we know");
		return NULL;
	}
	i->mode = archive_entry_perm(ae) & 07777;
	i->uid = (unsigned)archive_entry_uid(ae);
	i->gid = (unsigned)archive_entry_gid(ae);
	i->mtime = archive_entry_mtime(ae);
	note_attributes(a, ae, path);
	return i;
}

/* Another name of what is there; the tar has its content before. */
static int add_hard_link(struct apply *a, struct oci_node *folder,
	const char *name, const char *to, struct err *e)
{
	_free_ char *hold = NULL;
	struct oci_node *at, *n;
	const char *last;
	int r = oci_tree_place(a->tree, to, a->layer, &at, &hold, &last, e);

	if (r < 0)
		return err_wrap(e, "link to %s", to);
	n = *last ? oci_tree_child(at, last) : NULL;
	if (!n)
		return err_set(
			e, -ENOENT, "a link to %s, which is not there", to);
	if (n->inode->type == OCI_DIR)
		return err_set(e, -EINVAL, "a link to the folder %s", to);
	return oci_tree_set(a->tree, folder, name, n->inode, a->layer, e);
}

static int hide(struct apply *a, struct oci_node *folder, const char *name,
	struct err *e)
{
	const char *hidden = name + strlen(WHITEOUT);

	if (!strcmp(name, OPAQUE)) {
		oci_tree_hide_all(a->tree, folder, a->layer);
		return 0;
	}
	if (!strncmp(name, AUFS, strlen(AUFS)))
		return 0;
	if (!*hidden || !strcmp(hidden, ".") || !strcmp(hidden, ".."))
		return err_set(e, -EINVAL, "it hides no name");
	oci_tree_hide(a->tree, folder, hidden, a->layer);
	return 0;
}

static int take_entry(struct apply *a, struct archive *tar,
	struct archive_entry *ae, const char *path, struct err *e)
{
	const char *hard = archive_entry_hardlink(ae), *name;
	_free_ char *hold = NULL;
	struct oci_inode *inode;
	struct oci_node *folder;
	int r = oci_tree_place(
		a->tree, path, a->layer, &folder, &hold, &name, e);

	if (r < 0)
		return r;
	if (!strncmp(name, WHITEOUT, strlen(WHITEOUT)))
		return hide(a, folder, name, e);
	if (hard)
		return add_hard_link(a, folder, name, hard, e);
	inode = make_inode(a, tar, ae, path, e);
	if (!inode && e->code == 0 &&
		*name) /* left out: it hides all the same */
		oci_tree_hide(a->tree, folder, name, a->layer);
	if (!inode)
		return e->code;
	return oci_tree_set(a->tree, folder, name, inode, a->layer, e);
}

static int take_layer(struct apply *a, struct oci_stream *s, struct err *e)
{
	struct archive_entry *ae;
	int r;

	while ((r = archive_read_next_header(s->tar, &ae)) == ARCHIVE_OK ||
		r == ARCHIVE_WARN) {
		const char *path = archive_entry_pathname(ae);

		if (!path)
			return err_set(e, -EINVAL, "a file without a name");
		r = take_entry(a, s->tar, ae, path, e);
		if (r < 0)
			return err_wrap(e, "%s", path);
	}
	return r == ARCHIVE_EOF ? oci_stream_check(s, e)
				: oci_stream_failed(s, e);
}

static int apply_layer(struct apply *a, const struct store *store,
	const struct oci_layer *layer, struct err *e)
{
	_free_ struct oci_stream *s = xcalloc(1, sizeof(*s));
	int r = oci_stream_open(s, store, layer, e);

	if (r == 0)
		r = take_layer(a, s, e);
	oci_stream_close(s);
	return r < 0 ? err_wrap(e, "layer %u", a->layer) : 0;
}

static void tell(struct strv *notes, struct left *l, const char *what)
{
	if (l->n > 1)
		strv_addf(notes, "%lu %s left out, the first is %s", l->n, what,
			l->first);
	else if (l->n)
		strv_addf(notes, "%s left out: %s", what, l->first);
	free(l->first);
}

int oci_apply(const struct oci_ref *ref, const struct oci_image *image,
	const char *dir, struct oci_tree *tree, struct strv *notes,
	struct err *e)
{
	struct apply a = {.dir = dir, .tree = tree};
	struct store store = {.path = ref->path};
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t old = utf8 ? uselocale(utf8) : (locale_t)0;
	int r = 0;

	/* Names of a tar with PAX headers are UTF-8, whatever ours are. */
	store.is_dir = ref->kind == OCI_LAYOUT;
	tree->drop = drop_content;
	tree->arg = &a;
	for (size_t i = 0; i < image->nlayers && r == 0; i++) {
		a.layer = (unsigned)i + 1;
		r = apply_layer(&a, &store, &image->layers[i], e);
	}
	tree->drop = NULL;
	if (utf8) {
		uselocale(old);
		freelocale(utf8);
	}
	tell(notes, &a.devices, "devices");
	tell(notes, &a.pipes, "pipes and sockets");
	tell(notes, &a.xattrs, "files' extended attributes");
	tell(notes, &a.acls, "files' access control lists");
	return r < 0 ? err_wrap(e, "image %s", ref->path) : 0;
}

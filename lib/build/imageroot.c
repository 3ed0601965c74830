/* SPDX-License-Identifier: Apache-2.0 */
/* "rootfs": a container image becomes the root, and says how it runs. */
#include "build/imageroot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "build/takeover.h"
#include "build/user.h"
#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "oci/apply.h"

#define INDEX_HEAD "slipway root 1"

/*
 * NAME/root/index, fields with a NUL behind each: the head, then for each
 * name of the tree these. Changes to the form change the head.
 */
enum {
	F_TYPE, /* "d", "f", "l" */
	F_LAYER,
	F_MODE, /* octal */
	F_UID,
	F_GID,
	F_MTIME,
	F_DATA, /* of a file its content's number, of a link its text */
	F_PATH,
	FIELDS
};

static void tell(const struct app *a, const struct strv *notes)
{
	for (size_t i = 0; i < notes->n; i++)
		log_add(LOG_NOTE, "image %s: %s", path_base(a->image->path),
			notes->v[i]);
}

static int read_image(struct app *a, const struct target *t,
	struct oci_image *image, struct err *e)
{
	_strv_ struct strv notes = {0};
	int r = oci_image_open(a->image, t->oci_arch, image, e);

	if (r < 0)
		return r;
	takeover_config(a, &image->config, &notes);
	tell(a, &notes);
	return 0;
}

int imageroot_describe(struct app *a, const struct target *t, struct err *e)
{
	_oci_image_ struct oci_image image = {0};

	return a->image ? read_image(a, t, &image, e) : 0;
}

int imageroot_open(struct build *b, struct err *e)
{
	if (!b->app->image)
		return 0;
	return read_image(b->app, b->target, &b->image, e);
}

/* --- the index ------------------------------------------------------------*/

static void add_field(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s) + 1);
}

static void add_number(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void add_number(struct buf *b, const char *fmt, ...)
{
	char text[32];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add_field(b, text);
}

static int index_node(
	const struct oci_node *n, const char *path, void *arg, struct err *e)
{
	static const char *const types[] = {
		[OCI_DIR] = "d", [OCI_FILE] = "f", [OCI_LINK] = "l"};
	const struct oci_inode *i = n->inode;
	struct buf *b = arg;

	(void)e;
	add_field(b, types[i->type]);
	add_number(b, "%u", n->layer);
	add_number(b, "%o", i->mode);
	add_number(b, "%u", i->uid);
	add_number(b, "%u", i->gid);
	add_number(b, "%" PRId64, i->mtime);
	if (i->type == OCI_LINK)
		add_field(b, i->link);
	else
		add_number(b, "%" PRIu64, i->content);
	add_field(b, path);
	return 0;
}

static int write_index(
	const struct oci_tree *tree, const char *path, struct err *e)
{
	_buf_ struct buf b = {0};
	int r;

	add_field(&b, INDEX_HEAD);
	index_node(tree->root, "/", &b, e);
	r = oci_tree_walk(tree, index_node, &b, e);
	return r < 0 ? r : file_put(path, b.data, b.len, 0644, e);
}

/* The next record; 0 at the end, -1: it is none. */
static int next_record(const char **at, const char *end, const char *f[FIELDS])
{
	if (*at == end)
		return 0;
	for (int i = 0; i < FIELDS; i++) {
		const char *nul = memchr(*at, 0, (size_t)(end - *at));

		if (!nul)
			return -1;
		f[i] = *at;
		*at = nul + 1;
	}
	return 1;
}

static struct app_file *add_file(struct app_file **v, size_t *n)
{
	if ((*n & (*n - 1)) == 0)
		*v = xreallocarray(*v, *n ? 2 * *n : 1, sizeof(**v));
	(*v)[*n] = (struct app_file){.weak = 1};
	return &(*v)[(*n)++];
}

/* The index as entries of a manifest. */
static int read_index(const char *dir, const char *image, struct app_file **v,
	size_t *n, struct err *e)
{
	_free_ char *path = path_join(dir, "index");
	_buf_ struct buf text = {0};
	const char *at, *end, *f[FIELDS];
	int r = file_read(path, SIZE_MAX, &text, e);

	if (r < 0)
		return r;
	at = text.data;
	end = at + text.len;
	if (text.len < sizeof(INDEX_HEAD) ||
		memcmp(at, INDEX_HEAD, sizeof(INDEX_HEAD)) != 0)
		return err_set(e, -EINVAL, "%s: damaged", path);
	at += sizeof(INDEX_HEAD);
	while ((r = next_record(&at, end, f)) > 0) {
		struct app_file *file = add_file(v, n);

		file->to = xstrdup(f[F_PATH]);
		file->layer = (unsigned)strtoul(f[F_LAYER], NULL, 10);
		/* What no layer says itself is of the first. */
		file->layer += !file->layer;
		file->reason = xasprintf("layer %u of %s", file->layer, image);
		file->mode = (int)strtoul(f[F_MODE], NULL, 8);
		file->uid = (unsigned)strtoul(f[F_UID], NULL, 10);
		file->gid = (unsigned)strtoul(f[F_GID], NULL, 10);
		file->mtime = strtoll(f[F_MTIME], NULL, 10);
		file->dir = *f[F_TYPE] == 'd';
		if (*f[F_TYPE] == 'l')
			file->link = xstrdup(f[F_DATA]);
		else if (!file->dir)
			file->from = path_join(dir, f[F_DATA]);
	}
	return r < 0 ? err_set(e, -EINVAL, "%s: damaged", path) : 0;
}

/* --- unpacking ------------------------------------------------------------*/

static int unpack(
	struct build *b, const char *dir, const char *index, struct err *e)
{
	_oci_tree_ struct oci_tree tree;
	_strv_ struct strv notes = {0};
	struct stat st;
	int r = 0;

	log_add(LOG_STEP, "unpack %s", path_base(b->app->image->path));
	if (lstat(dir, &st) == 0)
		r = file_remove_tree(dir, e);
	oci_tree_init(&tree);
	if (r == 0)
		r = file_mkdirs(dir, e);
	if (r == 0)
		r = oci_apply(b->app->image, &b->image, dir, &tree, &notes, e);
	if (r == 0)
		r = write_index(&tree, index, e);
	if (r == 0)
		tell(b->app, &notes);
	return r;
}

/* --- with the manifest's --------------------------------------------------*/

/* The image's first; what is listed counts before what is not. */
static void join_files(struct app *a, struct app_file *v, size_t n)
{
	v = xreallocarray(v, n + a->nfiles, sizeof(*v));
	if (a->nfiles)
		memcpy(v + n, a->files, a->nfiles * sizeof(*v));
	free(a->files);
	a->files = v;
	a->nfiles += n;
}

/* Who starts it, and a folder of one's own. */
static int find_user(struct build *b, struct err *e)
{
	struct user_ids ids;
	_free_ char *home = NULL;
	int r = user_find(b->app, &ids, e);

	if (r < 0)
		return r;
	home = xasprintf("HOME=%s", ids.home ? ids.home : "/");
	takeover_default_env(b->app, home);
	free(ids.home);
	return 0;
}

int imageroot_unpack(struct build *b, struct err *e)
{
	_free_ char *dir = path_join(b->dir, "root");
	_free_ char *index = path_join(dir, "index");
	struct app_file *v = NULL;
	struct digest_hex hex;
	struct digest key;
	size_t n = 0;
	int r = 0;

	if (!b->app->image || b->unpacked)
		return 0;
	digest_init(&key);
	digest_add_str(&key, INDEX_HEAD);
	digest_add_str(&key, b->image.digest);
	hex = digest_end(&key);
	if (!state_fresh(&b->state, "image", &hex, index)) {
		r = unpack(b, dir, index, e);
		if (r == 0)
			r = state_done(&b->state, "image", &hex, index, e);
	}
	if (r == 0)
		r = read_index(dir, path_base(b->app->image->path), &v, &n, e);
	if (r < 0)
		return r;
	join_files(b->app, v, n);
	b->unpacked = 1;
	return find_user(b, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an image: members of a tar, files of a folder. */
#include "inspect/store.h"

#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"

enum { BLOCK = 65536, LINKS_MAX = 4 };

/* Names come from the image: none may lead out of the folder. */
static int name_ok(const char *name)
{
	return name[0] && name[0] != '/' && !strstr(name, "..");
}

static int read_failed(struct archive *a, const char *what, struct err *e)
{
	const char *why = archive_error_string(a);

	return err_set(e, -EINVAL, "%s: %s", what, why ? why : "damaged");
}

/* A name in a tar without what says nothing. */
static const char *plain_name(const char *name)
{
	return !strncmp(name, "./", 2) ? name + 2 : name;
}

/* What a link of the tar at `name` leads to; NULL: out of it. */
static char *link_target(const char *name, struct archive_entry *ae)
{
	const char *hard = archive_entry_hardlink(ae);
	const char *to = archive_entry_symlink(ae);
	_free_ char *dir = path_dir(name);

	if (hard)
		return xstrdup(plain_name(hard));
	if (!to || *to == '/')
		return NULL;
	for (; !strncmp(to, "../", 3); to += 3) {
		char *up = path_dir(dir);

		if (!strcmp(dir, "."))
			free(up);
		else
			free(dir), dir = up;
	}
	return !strcmp(dir, ".") ? xstrdup(to) : path_join(dir, to);
}

/* Opens the tar and moves to the member; -ENOENT without message. A link is
 * 1, and *to what it leads to. */
static int find_once(const struct store *s, const char *name,
	struct archive **out, uint64_t *size, char **to, struct err *e)
{
	struct archive *a = archive_read_new();
	struct archive_entry *ae;
	int r;

	archive_read_support_format_tar(a);
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_zstd(a);
	if (archive_read_open_filename(a, s->path, BLOCK) != ARCHIVE_OK) {
		r = read_failed(a, "not a tar", e);
		archive_read_free(a);
		return r;
	}
	while ((r = archive_read_next_header(a, &ae)) == ARCHIVE_OK) {
		const char *at = archive_entry_pathname(ae);

		if (!at || strcmp(plain_name(at), name) != 0)
			continue;
		*to = link_target(name, ae);
		if (*to) {
			archive_read_free(a);
			return 1;
		}
		if (archive_entry_filetype(ae) == AE_IFREG) {
			*size = (uint64_t)archive_entry_size(ae);
			*out = a;
			return 0;
		}
	}
	r = r == ARCHIVE_EOF ? -ENOENT : read_failed(a, "damaged tar", e);
	archive_read_free(a);
	return r;
}

static int find_member(const struct store *s, const char *name,
	struct archive **out, uint64_t *size, struct err *e)
{
	_free_ char *at = xstrdup(name);

	for (int hops = 0; hops < LINKS_MAX; hops++) {
		char *to = NULL;
		int r = find_once(s, at, out, size, &to, e);

		if (r <= 0 || !to)
			return r;
		free(at);
		at = to;
	}
	return err_set(e, -ELOOP, "%s: too many links", name);
}

static int read_member(
	const struct store *s, const char *name, struct buf *out, struct err *e)
{
	_free_ char *data = NULL;
	struct archive *a = NULL;
	uint64_t size = 0;
	int r = find_member(s, name, &a, &size, e);

	if (r < 0)
		return r;
	if (size > STORE_JSON_MAX) {
		r = err_set(e, -EFBIG, "%s: too large", name);
	} else {
		data = xmalloc(size + 1);
		if (archive_read_data(a, data, size) != (la_ssize_t)size)
			r = read_failed(a, name, e);
		else
			buf_add(out, data, size);
	}
	archive_read_free(a);
	return r;
}

int store_read(
	const struct store *s, const char *name, struct buf *out, struct err *e)
{
	_free_ char *path = NULL;

	if (!name_ok(name))
		return err_set(e, -EINVAL, "\"%s\": bad name", name);
	if (!s->is_dir)
		return read_member(s, name, out, e);
	path = path_join(s->path, name);
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return -ENOENT;
	return file_read(path, STORE_JSON_MAX, out, e);
}

int store_open_blob(const struct store *s, const char *name,
	struct store_blob *b, struct err *e)
{
	_free_ char *path = NULL;
	struct stat st;

	b->outer = NULL;
	b->fd = -1;
	if (!name_ok(name))
		return err_set(e, -EINVAL, "\"%s\": bad name", name);
	if (!s->is_dir)
		return find_member(s, name, &b->outer, &b->size, e);
	path = path_join(s->path, name);
	b->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (b->fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (b->fd < 0 || fstat(b->fd, &st) < 0)
		return err_errno(e, "open %s", path);
	b->size = (uint64_t)st.st_size;
	return 0;
}

ssize_t store_read_blob(struct store_blob *b, const void **p, struct err *e)
{
	ssize_t n;

	*p = b->chunk;
	if (b->outer) {
		n = archive_read_data(b->outer, b->chunk, sizeof(b->chunk));
		return n < 0 ? read_failed(b->outer, "damaged tar", e) : n;
	}
	do
		n = read(b->fd, b->chunk, sizeof(b->chunk));
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_errno(e, "read") : n;
}

void store_close_blob(struct store_blob *b)
{
	if (b->outer)
		archive_read_free(b->outer);
	if (b->fd >= 0)
		close(b->fd);
	b->outer = NULL;
	b->fd = -1;
}

static la_ssize_t on_read(struct archive *a, void *arg, const void **p)
{
	struct store_layer *l = arg;
	struct err why;
	ssize_t n = store_read_blob(&l->blob, p, &why);

	if (n < 0)
		archive_set_error(a, EIO, "%s", why.msg);
	return n;
}

int store_open_layer(const struct store *s, const char *name,
	struct store_layer *l, struct err *e)
{
	int r = store_open_blob(s, name, &l->blob, e);

	l->tar = NULL;
	if (r == -ENOENT)
		return err_set(e, r, "layer %s is missing", name);
	if (r < 0)
		return r;
	l->size = l->blob.size;
	l->tar = archive_read_new();
	archive_read_support_format_tar(l->tar);
	archive_read_support_format_empty(l->tar);
	archive_read_support_filter_gzip(l->tar);
	archive_read_support_filter_zstd(l->tar);
	if (archive_read_open(l->tar, l, NULL, on_read, NULL) != ARCHIVE_OK) {
		r = read_failed(l->tar, name, e);
		store_close_layer(l);
		return r;
	}
	return 0;
}

static int is_zero(const char *p, size_t n)
{
	return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

/* One block of data, without its zeros. */
static int write_block(
	int fd, const char *p, size_t n, uint64_t at, struct err *e)
{
	enum { PART = 4096 };
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i += PART) {
		size_t part = n - i < PART ? n - i : PART;

		if (!is_zero(p + i, part))
			r = file_pwrite_all(fd, p + i, part, at + i, e);
	}
	return r;
}

int store_extract(struct archive *tar, const char *path, int fd, struct err *e)
{
	uint64_t end = 0;
	la_int64_t at;
	const void *p;
	size_t n;
	int r;

	while ((r = archive_read_data_block(tar, &p, &n, &at)) == ARCHIVE_OK) {
		if (at < 0 || (uint64_t)at > INT64_MAX - n)
			return err_set(e, -EFBIG, "%s: too large", path);
		if (write_block(fd, p, n, (uint64_t)at, e) < 0)
			return err_wrap(e, "%s", path);
		end = (uint64_t)at + n;
	}
	if (r != ARCHIVE_EOF)
		return read_failed(tar, path, e);
	if (ftruncate(fd, (off_t)end) < 0)
		return err_errno(e, "%s", path);
	return 0;
}

void store_close_layer(struct store_layer *l)
{
	if (l->tar)
		archive_read_free(l->tar);
	l->tar = NULL;
	store_close_blob(&l->blob);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an image: members of a tar, files of a folder. */
#include "inspect/store.h"

#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"

enum { BLOCK = 65536 };

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

/* Opens the tar and moves to the member; -ENOENT without message. */
static int find_member(const struct store *s, const char *name,
	struct archive **out, uint64_t *size, struct err *e)
{
	struct archive *a = archive_read_new();
	struct archive_entry *ae;
	int r;

	archive_read_support_format_tar(a);
	archive_read_support_filter_gzip(a);
	if (archive_read_open_filename(a, s->path, BLOCK) != ARCHIVE_OK) {
		r = read_failed(a, "not a tar", e);
		archive_read_free(a);
		return r;
	}
	while ((r = archive_read_next_header(a, &ae)) == ARCHIVE_OK) {
		const char *at = archive_entry_pathname(ae);

		if (at && strncmp(at, "./", 2) == 0)
			at += 2;
		if (at && strcmp(at, name) == 0 &&
			archive_entry_filetype(ae) == AE_IFREG) {
			*size = (uint64_t)archive_entry_size(ae);
			*out = a;
			return 0;
		}
	}
	r = r == ARCHIVE_EOF ? -ENOENT : read_failed(a, "damaged tar", e);
	archive_read_free(a);
	return r;
}

static int read_member(
	const struct store *s, const char *name, struct buf *out, struct err *e)
{
	_free_ char *data = NULL;
	struct archive *a;
	uint64_t size;
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

static la_ssize_t on_read(struct archive *a, void *arg, const void **p)
{
	struct store_layer *l = arg;
	la_ssize_t n = archive_read_data(l->outer, l->chunk, sizeof(l->chunk));

	*p = l->chunk;
	if (n < 0)
		archive_set_error(a, EIO, "damaged tar");
	return n;
}

int store_open_layer(const struct store *s, const char *name,
	struct store_layer *l, struct err *e)
{
	_free_ char *path = NULL;
	struct stat st;
	int r;

	l->tar = NULL;
	l->outer = NULL;
	if (!name_ok(name))
		return err_set(e, -EINVAL, "\"%s\": bad name", name);
	if (s->is_dir) {
		path = path_join(s->path, name);
		if (stat(path, &st) < 0)
			return err_errno(e, "open %s", path);
		l->size = (uint64_t)st.st_size;
	} else {
		r = find_member(s, name, &l->outer, &l->size, e);
		if (r == -ENOENT)
			return err_set(e, r, "layer %s is missing", name);
		if (r < 0)
			return r;
	}
	l->tar = archive_read_new();
	archive_read_support_format_tar(l->tar);
	archive_read_support_format_empty(l->tar);
	archive_read_support_filter_gzip(l->tar);
	archive_read_support_filter_zstd(l->tar);
	r = s->is_dir ? archive_read_open_filename(l->tar, path, BLOCK)
		      : archive_read_open(l->tar, l, NULL, on_read, NULL);
	if (r != ARCHIVE_OK) {
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

int store_extract(
	struct store_layer *l, const char *path, int fd, struct err *e)
{
	uint64_t end = 0;
	la_int64_t at;
	const void *p;
	size_t n;
	int r;

	while ((r = archive_read_data_block(l->tar, &p, &n, &at)) ==
		ARCHIVE_OK) {
		if (at < 0 || (uint64_t)at > INT64_MAX - n)
			return err_set(e, -EFBIG, "%s: too large", path);
		if (write_block(fd, p, n, (uint64_t)at, e) < 0)
			return err_wrap(e, "%s", path);
		end = (uint64_t)at + n;
	}
	if (r != ARCHIVE_EOF)
		return read_failed(l->tar, path, e);
	if (ftruncate(fd, (off_t)end) < 0)
		return err_errno(e, "%s", path);
	return 0;
}

void store_close_layer(struct store_layer *l)
{
	if (l->tar)
		archive_read_free(l->tar);
	if (l->outer)
		archive_read_free(l->outer);
	l->tar = NULL;
	l->outer = NULL;
}

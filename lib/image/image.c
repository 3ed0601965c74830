/* SPDX-License-Identifier: Apache-2.0 */
/* The outputs: the hybrid tar and the OCI layout. */
#include "image/image.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "image/layout.h"
#include "image/place.h"

enum { CHUNK = 256 * 1024 };

/* The tar that is being written. */
struct outer {
	struct archive *a;
	struct archive_entry *ae;
	uint64_t epoch;
	struct err *e;
};

/* libarchive says "Write error" whatever it was. */
static int write_failed(struct archive *a, struct err *e)
{
	errno = archive_errno(a);
	return err_errno(e, "write");
}

static int put_header(
	struct outer *o, const char *name, mode_t mode, uint64_t size)
{
	archive_entry_clear(o->ae);
	archive_entry_set_pathname(o->ae, name);
	archive_entry_set_mode(o->ae, mode);
	archive_entry_set_mtime(o->ae, (time_t)o->epoch, 0);
	archive_entry_set_size(o->ae, (la_int64_t)size);
	if (archive_write_header(o->a, o->ae) != ARCHIVE_OK)
		return err_set(
			o->e, -EIO, "%s: %s", name, archive_error_string(o->a));
	return 0;
}

static int put_bytes(struct outer *o, const void *p, size_t n)
{
	if (archive_write_data(o->a, p, n) == (la_ssize_t)n)
		return 0;
	if (!archive_error_string(o->a))
		return err_set(o->e, -EIO, "a file changed its size");
	return write_failed(o->a, o->e);
}

static int put_text(struct outer *o, const char *name, const char *p, size_t n)
{
	int r = put_header(o, name, S_IFREG | 0644, n);

	return r < 0 ? r : put_bytes(o, p, n);
}

static int put_blob(struct outer *o, const char *dir, const char *hex)
{
	_free_ char *name = xasprintf("blobs/sha256/%s", hex);
	_free_ char *path = path_join(dir, name);
	_free_ char *chunk = xmalloc(CHUNK);
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(o->e, "open %s", path);
	r = put_header(o, name, S_IFREG | 0644, (uint64_t)st.st_size);
	while (r == 0 && (n = read(fd, chunk, CHUNK)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(o->e, "read %s", path);
		r = put_bytes(o, chunk, (size_t)n);
	}
	return r;
}

/* Members in the one order that all readers take (image-formats, 0.1). */
static int put_members(struct outer *o, const struct layout *l, const char *dir)
{
	int r;

	r = put_header(o, "blobs/", S_IFDIR | 0755, 0);
	if (r == 0)
		r = put_header(o, "blobs/sha256/", S_IFDIR | 0755, 0);
	for (size_t i = 0; i < l->blobs.n && r == 0; i++)
		r = put_blob(o, dir, l->blobs.v[i]);
	if (r == 0)
		r = put_text(o, "index.json", l->index.data, l->index.len);
	if (r == 0)
		r = put_text(o, "manifest.json", l->docker.data, l->docker.len);
	if (r == 0)
		r = put_text(o, "oci-layout", LAYOUT_VERSION,
			strlen(LAYOUT_VERSION));
	return r;
}

/* ustar, unless a blob is too large for it. */
static int needs_pax(const struct layout *l, const char *dir)
{
	for (size_t i = 0; i < l->blobs.n; i++) {
		_free_ char *path =
			xasprintf("%s/blobs/sha256/%s", dir, l->blobs.v[i]);
		struct stat st;

		if (stat(path, &st) == 0 && st.st_size >= (off_t)1 << 33)
			return 1;
	}
	return 0;
}

static int write_outer(const struct layout *l, const char *dir, int fd,
	uint64_t epoch, struct err *e)
{
	struct outer o = {.a = archive_write_new(),
		.ae = archive_entry_new(),
		.epoch = epoch,
		.e = e};
	int r = 0;

	if (!o.a || !o.ae ||
		(needs_pax(l, dir)
				? archive_write_set_format_pax_restricted(o.a)
				: archive_write_set_format_ustar(o.a)) ||
		archive_write_set_bytes_per_block(o.a, CHUNK) ||
		archive_write_set_bytes_in_last_block(o.a, 1) ||
		archive_write_open_fd(o.a, fd) != ARCHIVE_OK)
		r = err_set(e, -ENOMEM, "start a tar");
	if (r == 0)
		r = put_members(&o, l, dir);
	if (r < 0)
		archive_write_fail(o.a);
	else if (archive_write_close(o.a) != ARCHIVE_OK)
		r = write_failed(o.a, e);
	archive_entry_free(o.ae);
	archive_write_free(o.a);
	return r;
}

static void fill_info(
	const struct layout *l, uint64_t size, struct image_info *out)
{
	if (!out)
		return;
	out->config = l->config;
	out->manifest = l->manifest;
	out->size = size;
}

int image_write_tar(const struct image_spec *s, const char *path,
	struct image_info *out, struct err *e)
{
	_layout_ struct layout l = {0};
	_outfile_ struct outfile f = {.fd = -1};
	_free_ char *dir = NULL;
	struct err ignored;
	struct stat st = {0};
	int r;

	dir = file_temp_dir_beside(path, e);
	if (!dir)
		return err_wrap(e, "%s", path);
	r = layout_fill(s, dir, &l, e);
	if (r == 0)
		r = file_create(&f, path, 0644, e);
	if (r == 0)
		r = write_outer(&l, dir, f.fd, s->epoch, e);
	file_remove_tree(dir, &ignored);
	if (r < 0)
		return err_wrap(e, "%s", path);
	if (fstat(f.fd, &st) < 0)
		return err_errno(e, "stat %s", path);
	r = file_commit(&f, e);
	if (r == 0)
		fill_info(&l, (uint64_t)st.st_size, out);
	return r;
}

static int is_mark(const char *name, void *arg, struct err *e)
{
	int *seen = arg;

	(void)e;
	*seen |= strcmp(name, "oci-layout") == 0 ? 2 : 1;
	return 0;
}

/* What is there before must be nothing, or an OCI layout. */
static int check_place(const struct place *p, struct err *e)
{
	int seen = 0;
	int r = place_each(p, is_mark, &seen, e);

	if (r == 0 && seen == 1)
		r = err_set(e, -EEXIST, "%s is there and is not an OCI layout",
			p->dest);
	return r;
}

static uint64_t blobs_size(const struct layout *l, const char *dir)
{
	uint64_t size = 0;

	for (size_t i = 0; i < l->blobs.n; i++) {
		_free_ char *path =
			xasprintf("%s/blobs/sha256/%s", dir, l->blobs.v[i]);
		struct stat st;

		if (stat(path, &st) == 0)
			size += (uint64_t)st.st_size;
	}
	return size;
}

static int put_file(const char *dir, const char *name, const char *p, size_t n,
	struct err *e)
{
	_free_ char *path = path_join(dir, name);

	return file_put(path, p, n, 0644, e);
}

int image_write_layout(const struct image_spec *s, const char *path,
	struct image_info *out, struct err *e)
{
	_layout_ struct layout l = {0};
	_place_ struct place p = {0};
	uint64_t size = 0;
	int r = place_open(&p, path, e);

	if (r == 0)
		r = check_place(&p, e);
	if (r == 0)
		r = layout_fill(s, p.dir, &l, e);
	if (r == 0)
		r = put_file(p.dir, "index.json", l.index.data, l.index.len, e);
	if (r == 0)
		r = put_file(p.dir, "oci-layout", LAYOUT_VERSION,
			strlen(LAYOUT_VERSION), e);
	if (r == 0) {
		size = blobs_size(&l, p.dir);
		r = place_commit(&p, e);
	}
	if (r < 0)
		return err_wrap(e, "%s", path);
	fill_info(&l, size, out);
	return 0;
}

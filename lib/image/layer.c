/* SPDX-License-Identifier: Apache-2.0 */
/* One layer as a blob: libarchive writes the tar. */
#include "image/layer.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/hasher.h"
#include "core/mem.h"

enum { CHUNK = 128 * 1024 };

/* Where the bytes of the tar go. */
struct sink {
	int fd;
	int plain; /* the blob is the tar itself */
	struct compress *compress;
	uint64_t out; /* bytes of the blob */
	struct hasher *tar;
	struct digest blob; /* unless it is plain */
	struct err *e;      /* what failed in a callback */
	int failed;
};

static int put(void *arg, const void *p, size_t n, struct err *e)
{
	struct sink *s = arg;
	int r = file_write_all(s->fd, p, n, e);

	if (r < 0)
		return r;
	if (!s->plain)
		digest_add(&s->blob, p, n);
	s->out += n;
	return 0;
}

static la_ssize_t on_write(
	struct archive *a, void *arg, const void *p, size_t n)
{
	struct sink *s = arg;

	hasher_add(s->tar, p, n);
	if (compress_add(s->compress, p, n, s->e) < 0) {
		s->failed = 1;
		archive_set_error(a, EIO, "write");
		return -1;
	}
	return (la_ssize_t)n;
}

static int sink_start(
	struct sink *s, const struct image_spec *spec, int fd, struct err *e)
{
	s->fd = fd;
	s->plain = spec->compression == IMAGE_PLAIN;
	s->e = e;
	s->tar = hasher_new();
	digest_init(&s->blob);
	s->compress = compress_new(
		spec->compression, spec->level, spec->threads, put, s, e);
	return s->compress ? 0 : e->code;
}

static void sink_free(struct sink *s)
{
	compress_free(s->compress);
	hasher_free(s->tar);
}

static int write_data(struct archive *a, const void *p, size_t n,
	const char *path, struct sink *s)
{
	la_ssize_t done = archive_write_data(a, p, n);

	if (s->failed)
		return s->e->code;
	if (done != (la_ssize_t)n)
		return err_set(
			s->e, -EIO, "%s: changed while it was read", path);
	return 0;
}

/* Holes are fed as zeros without being read. */
static int write_source(struct archive *a, const struct image_entry *entry,
	int fd, uint64_t size, struct sink *s)
{
	_free_ char *chunk = xmalloc(CHUNK);
	uint64_t at = 0, data_from = 0;

	while (at < size) {
		size_t part = size - at < CHUNK ? (size_t)(size - at) : CHUNK;
		ssize_t n;
		int r;

		if (at >= data_from) {
			off_t next = lseek(fd, (off_t)at, SEEK_DATA);

			data_from = next >= 0        ? (uint64_t)next
				    : errno == ENXIO ? size
						     : at;
		}
		if (data_from > at) {
			if (part > data_from - at)
				part = (size_t)(data_from - at);
			memset(chunk, 0, part);
		} else {
			n = pread(fd, chunk, part, (off_t)at);
			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				return err_errno(
					s->e, "read %s", entry->source);
			if (n == 0)
				return err_set(s->e, -EIO,
					"%s: became shorter while it was read",
					entry->source);
			part = (size_t)n;
			data_from = at + part;
		}
		r = write_data(a, chunk, part, entry->source, s);
		if (r < 0)
			return r;
		at += part;
	}
	return 0;
}

static int write_header(struct archive *a, struct archive_entry *ae,
	const struct image_entry *entry, struct sink *s)
{
	int r = archive_write_header(a, ae);

	if (s->failed)
		return s->e->code;
	if (r != ARCHIVE_OK)
		return err_set(s->e, -EINVAL, "%s: %s", entry->path,
			archive_error_string(a));
	return 0;
}

static int write_entry(struct archive *a, struct archive_entry *ae,
	const struct image_entry *entry, uint64_t epoch, struct sink *s)
{
	_close_ int fd = -1;
	struct stat st;
	uint64_t size = entry->len;
	int r;

	if (entry->source && !entry->link && !entry->dir) {
		fd = open(entry->source, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || fstat(fd, &st) < 0)
			return err_errno(s->e, "open %s", entry->source);
		if (!S_ISREG(st.st_mode))
			return err_set(s->e, -EINVAL, "%s: not a regular file",
				entry->source);
		size = (uint64_t)st.st_size;
	}
	archive_entry_clear(ae);
	archive_entry_set_pathname(ae, entry->path);
	archive_entry_set_mode(
		ae, entry->mode | (entry->dir           ? S_IFDIR
					  : entry->link ? S_IFLNK
							: S_IFREG));
	archive_entry_set_uid(ae, entry->uid);
	archive_entry_set_gid(ae, entry->gid);
	archive_entry_set_mtime(ae, (time_t)epoch, 0);
	if (entry->link)
		archive_entry_set_symlink(ae, entry->link);
	if (entry->link || entry->dir)
		return write_header(a, ae, entry, s);
	archive_entry_set_size(ae, (la_int64_t)size);
	r = write_header(a, ae, entry, s);
	if (r < 0)
		return r;
	if (fd >= 0)
		return write_source(a, entry, fd, size, s);
	return size ? write_data(a, entry->data, size, entry->path, s) : 0;
}

static int write_tar(
	const struct image_layer *l, uint64_t epoch, struct sink *s)
{
	struct archive *a = archive_write_new();
	struct archive_entry *ae = archive_entry_new();
	int r = 0;

	if (!a || !ae || archive_write_set_format_pax_restricted(a) ||
		archive_write_set_bytes_per_block(a, 65536) ||
		archive_write_set_bytes_in_last_block(a, 1) ||
		archive_write_open(a, s, NULL, on_write, NULL) != ARCHIVE_OK)
		r = err_set(s->e, -ENOMEM, "start a tar");
	for (size_t i = 0; r == 0 && i < l->n; i++)
		r = write_entry(a, ae, &l->v[i], epoch, s);
	if (r < 0) {
		archive_write_fail(a);
	} else if (archive_write_close(a) != ARCHIVE_OK) {
		r = s->failed ? s->e->code
			      : err_set(s->e, -EIO, "end a tar: %s",
					archive_error_string(a));
	}
	archive_entry_free(ae);
	archive_write_free(a);
	return r;
}

int layer_write(struct image_layer *l, const struct image_spec *spec,
	const char *path, struct layer_blob *out, struct err *e)
{
	/* libarchive converts names by the locale: make it always the same */
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t old = utf8 ? uselocale(utf8) : (locale_t)0;
	_close_ int fd = -1;
	struct sink s = {0};
	int r;

	r = layer_settle(l, e);
	if (r == 0) {
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (fd < 0)
			r = err_errno(e, "create %s", path);
	}
	if (r == 0)
		r = sink_start(&s, spec, fd, e);
	if (r == 0)
		r = write_tar(l, spec->epoch, &s);
	if (r == 0)
		r = compress_end(s.compress, e);
	if (r == 0) {
		out->diff_id = hasher_end(s.tar);
		out->digest = s.plain ? out->diff_id : digest_end(&s.blob);
		out->size = s.out;
	}
	sink_free(&s);
	if (utf8) {
		uselocale(old);
		freelocale(utf8);
	}
	return r;
}

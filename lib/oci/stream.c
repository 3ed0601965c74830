/* SPDX-License-Identifier: Apache-2.0 */
/* One layer as a stream of tar, with the digests of both its forms. */
#include "oci/stream.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { TAR_BLOCK = 512 };

static la_ssize_t from_blob(struct archive *a, void *arg, const void **p)
{
	struct oci_stream *s = arg;
	ssize_t n = store_read_blob(&s->blob, p, &s->why);

	if (n < 0) {
		archive_set_error(a, EIO, "%s", s->why.msg);
		return n;
	}
	s->size += (uint64_t)n;
	hasher_add(s->packed, *p, (size_t)n);
	return n;
}

/* Some tools end a tar with the last byte of its last file; a reader wants
 * that block whole. */
static la_ssize_t pad(struct oci_stream *s, const void **p)
{
	static const char zeros[TAR_BLOCK];
	size_t n = -s->given % TAR_BLOCK;

	s->given += n;
	*p = zeros;
	return (la_ssize_t)n;
}

static la_ssize_t from_raw(struct archive *a, void *arg, const void **p)
{
	struct oci_stream *s = arg;
	la_int64_t at;
	size_t n = 0;
	int r;

	do
		r = archive_read_data_block(s->raw, p, &n, &at);
	while (r == ARCHIVE_OK && !n);
	if (r == ARCHIVE_EOF)
		return pad(s, p);
	if (r < ARCHIVE_WARN) {
		archive_set_error(a, EIO, "%s",
			archive_error_string(s->raw)
				? archive_error_string(s->raw)
				: "damaged");
		return -1;
	}
	hasher_add(s->unpacked, *p, n);
	s->given += n;
	return (la_ssize_t)n;
}

int oci_stream_failed(const struct oci_stream *s, struct err *e)
{
	const char *why = s->tar ? archive_error_string(s->tar) : NULL;

	if (!why && s->raw)
		why = archive_error_string(s->raw);
	return err_set(e, -EINVAL, "%s", why ? why : "damaged");
}

static int open_raw(struct oci_stream *s, struct err *e)
{
	struct archive_entry *ignored;

	s->raw = archive_read_new();
	archive_read_support_format_raw(s->raw);
	archive_read_support_format_empty(s->raw);
	archive_read_support_filter_gzip(s->raw);
	archive_read_support_filter_zstd(s->raw);
	if (archive_read_open(s->raw, s, NULL, from_blob, NULL) != ARCHIVE_OK)
		return oci_stream_failed(s, e);
	if (archive_read_next_header(s->raw, &ignored) < ARCHIVE_WARN)
		return oci_stream_failed(s, e);
	return 0;
}

int oci_stream_open(struct oci_stream *s, const struct store *store,
	const struct oci_layer *layer, struct err *e)
{
	int r;

	memset(s, 0, sizeof(*s));
	s->layer = layer;
	r = store_open_blob(store, layer->blob, &s->blob, e);
	if (r == -ENOENT)
		return err_set(e, r, "%s is missing", layer->blob);
	if (r < 0)
		return r;
	s->packed = hasher_new();
	s->unpacked = hasher_new();
	r = open_raw(s, e);
	if (r < 0)
		return r;
	s->tar = archive_read_new();
	archive_read_support_format_tar(s->tar);
	archive_read_support_format_empty(s->tar);
	if (archive_read_open(s->tar, s, NULL, from_raw, NULL) != ARCHIVE_OK)
		return oci_stream_failed(s, e);
	return 0;
}

/* Behind the tar's end there is padding, and behind the stream's nothing. */
static int read_rest(struct oci_stream *s, struct err *e)
{
	const void *p;
	la_ssize_t n;

	while ((n = from_raw(s->raw, s, &p)) > 0)
		;
	while (n == 0 && (n = from_blob(s->raw, s, &p)) > 0)
		;
	return n < 0 ? oci_stream_failed(s, e) : 0;
}

static int compare(
	struct hasher *h, const char *want, const char *what, struct err *e)
{
	struct digest_hex is = hasher_end(h);

	if (!want || !strcmp(want + strlen("sha256:"), is.s))
		return 0;
	return err_set(e, -EBADMSG,
		"%s has the digest sha256:%s, not %s: it is damaged", what,
		is.s, want);
}

int oci_stream_check(struct oci_stream *s, struct err *e)
{
	const struct oci_layer *l = s->layer;
	int r = read_rest(s, e);

	if (r < 0)
		return r;
	if (l->size != UINT64_MAX && l->size != s->size)
		return err_set(e, -EBADMSG,
			"%s has %" PRIu64 " bytes, not %" PRIu64
			": it is damaged",
			l->blob, s->size, l->size);
	r = compare(s->packed, l->digest, l->blob, e);
	return r < 0 ? r : compare(s->unpacked, l->diff_id, "its tar", e);
}

void oci_stream_close(struct oci_stream *s)
{
	if (s->tar)
		archive_read_free(s->tar);
	if (s->raw)
		archive_read_free(s->raw);
	store_close_blob(&s->blob);
	hasher_free(s->packed);
	hasher_free(s->unpacked);
}

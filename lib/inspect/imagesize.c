/* SPDX-License-Identifier: Apache-2.0 */
/* Whose each byte of an image is: members, layers, the files in them. */
#include "inspect/imagesize.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/mem.h"
#include "inspect/spans.h"

enum { BLOCK = 65536, TAR_BLOCK = 512 };

/* What is told of one image; more is nobody's. */
enum { SPANS_MAX = 400000, TEXT_MAX = 32 << 20, POINTS_MAX = 1 << 20 };

/* Where in the packed bytes a place of the unpacked ones is. */
struct point {
	uint64_t out, in;
};

/* A stream that is unpacked while a tar is read from it. */
struct stream {
	struct archive *raw;   /* the filters */
	struct archive *outer; /* read from its entry, or NULL: a file */
	uint64_t in, out;      /* bytes so far */
	struct point *v;
	size_t n, cap;
	char chunk[BLOCK];
};

/* Where so much is unpacked, every second place is enough. */
static void thin_points(struct stream *s)
{
	for (size_t i = 0; i < s->n / 2; i++)
		s->v[i] = s->v[2 * i + 1];
	s->n /= 2;
}

static void add_point(struct stream *s)
{
	if (s->n == POINTS_MAX)
		thin_points(s);
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 64;
		s->v = xreallocarray(s->v, s->cap, sizeof(*s->v));
	}
	s->v[s->n++] = (struct point){s->out, s->in};
}

/* Packed bytes before this place; in a block in proportion. */
static uint64_t packed_at(const struct stream *s, uint64_t out)
{
	size_t lo = 0, hi = s->n;
	struct point a = {0, 0}, b;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->v[mid].out <= out)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo)
		a = s->v[lo - 1];
	if (lo == s->n || a.out == out)
		return a.in;
	b = s->v[lo];
	return a.in + (uint64_t)((unsigned __int128)(b.in - a.in) *
				 (out - a.out) / (b.out - a.out));
}

static la_ssize_t from_outer(struct archive *a, void *arg, const void **p)
{
	struct stream *s = arg;
	la_ssize_t n = archive_read_data(s->outer, s->chunk, sizeof(s->chunk));

	*p = s->chunk;
	if (n < 0)
		archive_set_error(a, EIO, "damaged tar");
	return n;
}

/* The tar's reader asks for what the filters have unpacked. */
static la_ssize_t from_raw(struct archive *a, void *arg, const void **p)
{
	struct stream *s = arg;
	la_int64_t at;
	size_t n = 0;
	int r;

	do
		r = archive_read_data_block(s->raw, p, &n, &at);
	while (r == ARCHIVE_OK && !n);
	if (r != ARCHIVE_OK && r != ARCHIVE_EOF) {
		archive_set_error(a, EIO, "%s", archive_error_string(s->raw));
		return -1;
	}
	s->out += r == ARCHIVE_EOF ? 0 : n;
	s->in = (uint64_t)archive_filter_bytes(s->raw, -1);
	add_point(s);
	return r == ARCHIVE_EOF ? 0 : (la_ssize_t)n;
}

static int failed(struct archive *a, const char *what, struct err *e)
{
	const char *why = archive_error_string(a);

	return err_set(e, -EINVAL, "%s: %s", what, why ? why : "damaged");
}

/* Opens the filters on a file, or on the entry of `outer`, and a tar. */
static int stream_open(struct stream *s, const char *path,
	struct archive *outer, struct archive **tar, struct err *e)
{
	struct archive_entry *ae;
	int r;

	*s = (struct stream){.raw = archive_read_new(), .outer = outer};
	archive_read_support_format_raw(s->raw);
	archive_read_support_format_empty(s->raw);
	archive_read_support_filter_gzip(s->raw);
	archive_read_support_filter_zstd(s->raw);
	r = outer ? archive_read_open(s->raw, s, NULL, from_outer, NULL)
		  : archive_read_open_filename(s->raw, path, BLOCK);
	if (r == ARCHIVE_OK)
		r = archive_read_next_header(s->raw, &ae);
	if (r != ARCHIVE_OK && r != ARCHIVE_EOF)
		return failed(s->raw, path, e);
	*tar = archive_read_new();
	archive_read_support_format_tar(*tar);
	archive_read_support_format_empty(*tar);
	if (archive_read_open(*tar, s, NULL, from_raw, NULL) != ARCHIVE_OK)
		return failed(*tar, path, e);
	return 0;
}

static void stream_close(struct stream *s, struct archive *tar)
{
	archive_read_free(tar);
	archive_read_free(s->raw);
	free(s->v);
}

/* --- tars ------------------------------------------------------------------*/

struct view {
	const json_t *layers;
	size_t n, text; /* told so far: names, and bytes of them */
};

static int walk_layer(struct view *v, struct spans *out, struct archive *outer,
	const char *path, unsigned number, struct err *e);

/* From 1 up; 0: it is none. */
static unsigned layer_number(const struct view *v, const char *name)
{
	for (size_t i = 0; i < json_array_size(v->layers); i++) {
		const char *l = json_string_value(json_array_get(v->layers, i));

		if (l && !strcmp(l, name))
			return (unsigned)i + 1;
	}
	return 0;
}

/* A member of a tar: where its header begins, and what is known of it. */
struct member {
	uint64_t at, size;
	char *name;         /* in the list */
	struct spans inner; /* of a layer: from the start of its content */
};

/* The next header, or the end of the tar, tells where the content was. */
static void end_member(
	struct spans *out, struct member *m, uint64_t next, const char *rest)
{
	uint64_t padded = (m->size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
	uint64_t data;

	if (!m->name)
		return;
	/* A sparse file has less than its size. */
	if (padded > next - m->at)
		padded = m->size =
			next - m->at > TAR_BLOCK ? next - m->at - TAR_BLOCK : 0;
	data = next - padded;
	spans_add(out, m->at, next - m->at, "%s", rest);
	spans_add(out, data, m->size, "%s", m->name);
	for (size_t i = 0; i < m->inner.n; i++)
		spans_add(out, data + m->inner.v[i].at, m->inner.v[i].size,
			"%s", m->inner.v[i].name);
	spans_free(&m->inner);
	free(m->name);
	m->name = NULL;
}

static const char *clean_name(const char *name)
{
	while (!strncmp(name, "./", 2))
		name += 2;
	return name;
}

/* All members into spans of the unpacked tar; in a layer, which has a
 * prefix, none is a layer. */
static int walk_tar(struct view *v, struct spans *out, struct archive *tar,
	const char *prefix, struct err *e)
{
	_free_ char *rest = xasprintf("%star headers and padding", prefix);
	struct member m = {0};
	struct archive_entry *ae;
	int r, bad = 0;

	while (!bad &&
		((r = archive_read_next_header(tar, &ae)) == ARCHIVE_OK ||
			r == ARCHIVE_WARN)) {
		uint64_t at = (uint64_t)archive_read_header_position(tar);
		const char *name = archive_entry_pathname(ae);
		unsigned number;

		end_member(out, &m, at, rest);
		m.at = at;
		m.size = archive_entry_filetype(ae) == AE_IFREG &&
					 !archive_entry_hardlink(ae)
				 ? (uint64_t)archive_entry_size(ae)
				 : 0;
		name = clean_name(name ? name : "?");
		m.name = xasprintf("%s%s", prefix, name);
		v->text += strlen(name);
		if (++v->n > SPANS_MAX || v->text > TEXT_MAX)
			bad = err_set(
				e, -EFBIG, "too many files, or too long names");
		number = !*prefix && m.size ? layer_number(v, name) : 0;
		if (number && !bad)
			bad = walk_layer(v, &m.inner, tar, name, number, e);
	}
	if (!bad && r != ARCHIVE_EOF)
		bad = failed(tar, "damaged tar", e);
	end_member(out, &m, (uint64_t)archive_read_header_position(tar), rest);
	return bad;
}

/* From places of the unpacked tar to those of the packed file. */
static void pack(struct spans *to, const struct spans *from,
	const struct stream *s, uint64_t base)
{
	for (size_t i = 0; i < from->n; i++) {
		uint64_t at = packed_at(s, from->v[i].at);
		uint64_t end = packed_at(s, from->v[i].at + from->v[i].size);

		spans_add(to, base + at, end - at, "%s", from->v[i].name);
	}
}

static int walk_layer(struct view *v, struct spans *out, struct archive *outer,
	const char *path, unsigned number, struct err *e)
{
	_free_ char *prefix = xasprintf("layer %u: ", number);
	_free_ struct stream *s = xcalloc(1, sizeof(*s));
	_spans_ struct spans inner = {0};
	struct archive *tar = NULL;
	const void *p;
	int r = stream_open(s, path, outer, &tar, e);

	if (r == 0)
		r = walk_tar(v, &inner, tar, prefix, e);
	/* What follows the end of the tar, and of the compressed stream. */
	while (r == 0 && from_raw(tar, s, &p) > 0)
		;
	if (r == 0) {
		spans_add(out, 0, s->in, "%star headers and padding", prefix);
		pack(out, &inner, s, 0);
	}
	stream_close(s, tar);
	return r;
}

static int walk_image(struct spans *out, const char *path, const json_t *layers,
	struct err *e)
{
	_free_ struct stream *s = xcalloc(1, sizeof(*s));
	struct view v = {.layers = layers};
	_spans_ struct spans inner = {0};
	struct archive *tar = NULL;
	const void *p;
	int r = stream_open(s, path, NULL, &tar, e);

	if (r == 0)
		r = walk_tar(&v, &inner, tar, "", e);
	while (r == 0 && from_raw(tar, s, &p) > 0)
		;
	if (r == 0)
		pack(out, &inner, s, 0);
	stream_close(s, tar);
	return r;
}

/* --- folders ---------------------------------------------------------------*/

struct folder {
	struct view view;
	struct spans *spans;
	uint64_t size; /* of the files so far, one after the other */
};

static int add_file(const char *path, const char *rel, const struct stat *st,
	void *arg, struct err *e)
{
	struct folder *f = arg;
	unsigned number = layer_number(&f->view, rel);
	_spans_ struct spans inner = {0};
	int r = 0;

	if (!S_ISREG(st->st_mode))
		return 0;
	spans_add(f->spans, f->size, (uint64_t)st->st_size, "%s", rel);
	if (number)
		r = walk_layer(&f->view, &inner, NULL, path, number, e);
	for (size_t i = 0; i < inner.n; i++)
		spans_add(f->spans, f->size + inner.v[i].at, inner.v[i].size,
			"%s", inner.v[i].name);
	f->size += (uint64_t)st->st_size;
	return r;
}

json_t *image_components(const char *path, int is_dir, const json_t *layers,
	uint64_t *size, struct err *e)
{
	_spans_ struct spans s = {0};
	struct folder f = {.view = {.layers = layers}, .spans = &s};
	struct stat st;
	int r;

	if (is_dir) {
		r = file_walk(path, add_file, &f, e);
		*size = f.size;
	} else {
		r = stat(path, &st) < 0 ? err_errno(e, "open %s", path) : 0;
		*size = r < 0 ? 0 : (uint64_t)st.st_size;
		if (r == 0)
			r = walk_image(&s, path, layers, e);
	}
	return r < 0 ? NULL
		     : spans_components(&s, *size, "tar headers and padding");
}

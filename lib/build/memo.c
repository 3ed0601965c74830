/* SPDX-License-Identifier: Apache-2.0 */
/* What takes long to find out of files that seldom change, remembered. */
#include "build/memo.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build/state.h"
#include "core/cache.h"
#include "core/digest.h"
#include "core/file.h"
#include "core/mem.h"
#include "sbom/dpkg.h"

enum { WORTH_KEEPING = 1 << 20 };

/* A cache goes from machine to machine, whose files may agree in all that
 * can be set: not in the time of their last change, on one file system. */
static void key_file(struct digest *key, const char *path)
{
	struct stat st;
	int64_t v[3] = {0};

	state_key_file(key, path);
	if (stat(path, &st) == 0) {
		v[0] = (int64_t)st.st_dev;
		v[1] = st.st_ctim.tv_sec;
		v[2] = st.st_ctim.tv_nsec;
	}
	digest_add(key, v, sizeof(v));
}

/* 1 if it is in the cache. */
static int recall(const struct digest_hex *key, const char *scratch,
	struct buf *text, struct err *e)
{
	_cache_ struct cache c = {0};
	int r = cache_open(&c, e);

	if (r == 0 && c.dir)
		r = cache_get(&c, key, scratch, 0600, e);
	if (r == 1) {
		r = file_read(scratch, SIZE_MAX, text, e);
		unlink(scratch);
		r = r < 0 ? r : 1;
	}
	return r;
}

static int keep(const struct digest_hex *key, const char *scratch,
	const struct buf *text, struct err *e)
{
	_cache_ struct cache c = {0};
	int r = cache_open(&c, e);

	if (r < 0 || !c.dir)
		return r;
	r = file_put(scratch, text->data, text->len, 0600, e);
	if (r == 0) {
		r = cache_put(&c, key, scratch, e);
		unlink(scratch);
	}
	return r;
}

static int sum_all(const struct strv *paths, struct buf *text, struct err *e)
{
	struct sbom_sums s;
	int r = 0;

	for (size_t i = 0; i < paths->n && r == 0; i++) {
		r = sbom_sum_file(paths->v[i], &s, e);
		if (r == 0)
			buf_addf(text, "%s %s\n", s.sha1, s.sha256);
	}
	return r;
}

/* A line for each file; 0 if the text is not that. */
static int take_sums(const struct buf *text, struct sbom_sums *v, size_t n)
{
	enum { LINE = 40 + 1 + 64 + 1 };
	const char *p = text->data;

	if (text->len != n * LINE)
		return 0;
	for (size_t i = 0; i < n; i++, p += LINE) {
		memcpy(v[i].sha1, p, 40);
		memcpy(v[i].sha256, p + 41, 64);
		v[i].sha1[40] = v[i].sha256[64] = 0;
	}
	return 1;
}

int memo_sums(const struct strv *paths, const char *scratch,
	struct sbom_sums *v, struct err *e)
{
	_buf_ struct buf text = {0};
	struct digest_hex hex;
	struct digest key;
	uint64_t bytes = 0;
	struct stat st;
	int r = 0;

	digest_init(&key);
	digest_add_str(&key, "slipway sums of files");
	for (size_t i = 0; i < paths->n; i++) {
		key_file(&key, paths->v[i]);
		if (stat(paths->v[i], &st) == 0)
			bytes += (uint64_t)st.st_size;
	}
	hex = digest_end(&key);
	if (bytes >= WORTH_KEEPING)
		r = recall(&hex, scratch, &text, e);
	if (r < 0 || (r == 1 && take_sums(&text, v, paths->n)))
		return r < 0 ? r : 0;
	text.len = 0;
	r = sum_all(paths, &text, e);
	if (r == 0 && bytes >= WORTH_KEEPING)
		r = keep(&hex, scratch, &text, e);
	if (r == 0)
		take_sums(&text, v, paths->n);
	return r;
}

static void split(const struct buf *text, struct strv *lines)
{
	for (const char *p = text->data; p && *p;) {
		size_t n = strcspn(p, "\n");

		strv_take(lines, xstrndup(p, n));
		p += n + (p[n] == '\n');
	}
}

int memo_owners(const char *admin, const struct strv *paths,
	const char *scratch, struct strv *lines, struct err *e)
{
	_free_ char *status = dpkg_status_path(admin);
	_buf_ struct buf text = {0};
	struct digest_hex hex;
	struct digest key;
	int r;

	digest_init(&key);
	digest_add_str(&key, "slipway owners of files");
	key_file(&key, status);
	for (size_t i = 0; i < paths->n; i++)
		digest_add_str(&key, paths->v[i]);
	hex = digest_end(&key);
	r = recall(&hex, scratch, &text, e);
	if (r < 0)
		return r;
	if (r == 1)
		split(&text, lines);
	if (r == 1 && lines->n == paths->n)
		return 0;
	strv_free(lines);
	*lines = (struct strv){0};
	text.len = 0;
	dpkg_find(admin, paths, &text);
	split(&text, lines);
	return keep(&hex, scratch, &text, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a step was done with: whether it has to be done again. */
#include "toolchain/done.h"

#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "core/digest.h"
#include "core/file.h"
#include "core/mem.h"

enum { RECORD_MAX = 4 << 20 };

static int is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec
				      : a->tv_nsec < b->tv_nsec;
}

static void add_identity(struct digest *d, const struct stat *st)
{
	uint64_t v[5] = {st->st_ino, (uint64_t)st->st_size, st->st_mode,
		(uint64_t)st->st_mtim.tv_sec, (uint64_t)st->st_mtim.tv_nsec};

	digest_add(d, v, sizeof(v));
}

/* -1 if a file is not there; 1 if one changed in [from, to). */
static int make_record(const struct done *d, const struct timespec *from,
	const struct timespec *to, struct buf *text)
{
	struct digest all;
	struct digest_hex hex;
	struct stat st;
	int changed = 0;

	digest_init(&all);
	for (size_t i = 0; i < d->files->n; i++) {
		_free_ char *path = path_join(d->dir, d->files->v[i]);

		if (stat(path, &st) < 0)
			return -1;
		changed |= !is_before(&st.st_mtim, from) &&
			   is_before(&st.st_mtim, to);
		digest_add_str(&all, d->files->v[i]);
		add_identity(&all, &st);
	}
	if (stat(d->output, &st) < 0)
		return -1;
	add_identity(&all, &st);
	hex = digest_end(&all);
	buf_addf(text, "%s\n%s\n", d->command, hex.s);
	return changed;
}

int done_holds(const struct done *d)
{
	static const struct timespec never = {0};
	_buf_ struct buf text = {0}, old = {0};
	struct err ignored;

	return make_record(d, &never, &never, &text) == 0 &&
	       file_read(d->record, RECORD_MAX, &old, &ignored) == 0 &&
	       old.len == text.len && !memcmp(old.data, text.data, text.len);
}

int done_write(
	const struct done *d, const struct timespec *started, struct err *e)
{
	_outfile_ struct outfile f = {.fd = -1};
	_buf_ struct buf text = {0};
	struct timespec now;
	int r;

	clock_gettime(CLOCK_REALTIME, &now);
	if (make_record(d, started, &now, &text) != 0)
		return 0;
	r = file_create(&f, d->record, 0644, e);
	if (r == 0)
		r = file_write_all(f.fd, text.data, text.len, e);
	return r < 0 ? r : file_commit_unsynced(&f, e);
}

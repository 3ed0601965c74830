/* SPDX-License-Identifier: Apache-2.0 */
/* What a build folder is up to date with: one key a step. */
#include "build/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/mem.h"

enum { STATE_MAX = 1 << 20 };

void state_open(struct state *s, const char *path)
{
	_buf_ struct buf text = {0};
	struct err ignored = {0};
	char *line, *rest;

	*s = (struct state){.path = xstrdup(path)};
	if (file_read(path, STATE_MAX, &text, &ignored) < 0 || !text.data)
		return;
	for (line = strtok_r(text.data, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest))
		strv_add(&s->lines, line);
}

void state_close(struct state *s)
{
	free(s->path);
	strv_free(&s->lines);
	*s = (struct state){0};
}

static char *identity(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return xstrdup("none");
	return xasprintf("%ju:%o:%ju:%ju.%09ld", (uintmax_t)st.st_ino,
		(unsigned)st.st_mode, (uintmax_t)st.st_size,
		(uintmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

void state_key_file(struct digest *key, const char *path)
{
	_free_ char *id = identity(path);

	digest_add_str(key, path);
	digest_add_str(key, id);
}

static int key_visit(const char *path, const char *rel, const struct stat *st,
	void *arg, struct err *e)
{
	(void)rel;
	(void)st;
	(void)e;
	state_key_file(arg, path);
	return 0;
}

int state_key_tree(struct digest *key, const char *root, struct err *e)
{
	return file_walk(root, key_visit, key, e);
}

static char *output_identity(const char *path)
{
	struct digest_hex hex;
	struct digest tree;
	struct err ignored;
	struct stat st;
	int r;

	if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return identity(path);
	digest_init(&tree);
	r = state_key_tree(&tree, path, &ignored);
	hex = digest_end(&tree);
	return xstrdup(r < 0 ? "none" : hex.s);
}

/* Index of the step's line, or -1. */
static ssize_t find(const struct state *s, const char *step)
{
	size_t n = strlen(step);

	for (size_t i = 0; i < s->lines.n; i++) {
		if (!strncmp(s->lines.v[i], step, n) && s->lines.v[i][n] == ' ')
			return (ssize_t)i;
	}
	return -1;
}

static char *make_line(
	const char *step, const struct digest_hex *key, const char *output)
{
	_free_ char *id = output_identity(output);

	return xasprintf("%s %s %s", step, key->s, id);
}

int state_fresh(const struct state *s, const char *step,
	const struct digest_hex *key, const char *output)
{
	_free_ char *line = make_line(step, key, output);
	ssize_t i = find(s, step);
	struct stat st;

	return i >= 0 && !strcmp(s->lines.v[i], line) &&
	       lstat(output, &st) == 0;
}

int state_done(struct state *s, const char *step, const struct digest_hex *key,
	const char *output, struct err *e)
{
	_outfile_ struct outfile f = {.fd = -1};
	_buf_ struct buf text = {0};
	ssize_t i = find(s, step);
	char *line = make_line(step, key, output);
	int r;

	if (i >= 0 && !strcmp(s->lines.v[i], line)) {
		free(line);
		return 0;
	}
	if (i >= 0) {
		free(s->lines.v[i]);
		s->lines.v[i] = line;
	} else {
		strv_take(&s->lines, line);
	}
	for (size_t k = 0; k < s->lines.n; k++)
		buf_addf(&text, "%s\n", s->lines.v[k]);
	/* Not synced: what a power failure leaves of it costs only time. */
	r = file_create(&f, s->path, 0644, e);
	if (r == 0)
		r = file_write_all(f.fd, text.data, text.len, e);
	return r < 0 ? r : file_commit_unsynced(&f, e);
}

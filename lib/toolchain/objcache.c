/* SPDX-License-Identifier: Apache-2.0 */
/* Objects compiled before, from the same bytes by the same command. */
#include "toolchain/objcache.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/digest.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/proc.h"
#include "toolchain/depfile.h"

enum { LIST_MAX = 4 << 20, HEX = 64 };

/* Path, size and time of gcc: another version is another file. */
static char *identify(const struct target *t)
{
	_free_ char *name = xasprintf("%s-gcc", t->triplet);
	_free_ char *path = proc_which(name);
	_free_ char *real = path ? realpath(path, NULL) : NULL;
	struct stat st;

	if (!real || stat(real, &st) < 0)
		return xstrdup("");
	return xasprintf("%s %jd %jd", real, (intmax_t)st.st_size,
		(intmax_t)st.st_mtim.tv_sec);
}

int objcache_open(struct objcache *c, const struct target *t,
	const char *data_dir, const char *dir, uint64_t epoch, struct err *e)
{
	*c = (struct objcache){
		.target = t, .data_dir = data_dir, .dir = dir, .epoch = epoch};
	c->real_data_dir = realpath(data_dir, NULL);
	c->compiler = identify(t);
	return cache_open(&c->cache, e);
}

void objcache_close(struct objcache *c)
{
	cache_close(&c->cache);
	free(c->compiler);
	free(c->real_data_dir);
	c->compiler = c->real_data_dir = NULL;
}

static void add_list(struct digest *d, const struct strv *v)
{
	size_t i;

	for (i = 0; v && i < v->n; i++)
		digest_add_str(d, v->v[i]);
	digest_add_str(d, "");
}

static int first_key(const struct objcache *c, const char *source,
	const struct strv *flags, struct digest_hex *key)
{
	_free_ char *path = path_join(c->dir, source);
	struct digest_hex content;
	struct digest d;
	struct err ignored;

	if (!*c->compiler || digest_file(path, &content, &ignored) < 0)
		return -ENOENT;
	digest_init(&d);
	digest_add_str(&d, "object 2");
	digest_add(&d, &c->epoch, sizeof(c->epoch));
	digest_add_str(&d, c->compiler);
	digest_add_str(&d, c->target->name);
	add_list(&d, &c->target->cflags);
	add_list(&d, flags);
	digest_add_str(&d, source);
	digest_add_str(&d, content.s);
	*key = digest_end(&d);
	return 0;
}

static struct digest_hex second_key(
	const struct digest_hex *first, const struct buf *list)
{
	struct digest d;

	digest_init(&d);
	digest_add_str(&d, first->s);
	digest_add(&d, list->data, list->len);
	return digest_end(&d);
}

/*
 * A list has a line "DIGEST KIND PATH" for each file: a file of Slipway's
 * (KIND s) by its path there, any other (f) as the compiler named it, those
 * of the project by their path in its folder.
 */
static void list_add(const struct objcache *c, struct buf *list,
	const struct digest_hex *sha, const char *name)
{
	const char *const roots[] = {c->data_dir, c->real_data_dir};

	for (size_t i = 0; i < 2; i++) {
		size_t n = roots[i] ? strlen(roots[i]) : 0;

		if (n && !strncmp(name, roots[i], n) && name[n] == '/') {
			buf_addf(list, "%s s %s\n", sha->s, name + n + 1);
			return;
		}
	}
	buf_addf(list, "%s f %s\n", sha->s, name);
}

/* The name of a line, as a compiler here would say it; NULL: not a line. */
static char *list_name(const struct objcache *c, const char *line, size_t len)
{
	const char *path = line + HEX + 3;
	_free_ char *rest = NULL;

	if (len < HEX + 4 || line[HEX] != ' ' || line[HEX + 2] != ' ')
		return NULL;
	rest = xstrndup(path, len - HEX - 3);
	if (line[HEX + 1] == 's')
		return path_join(c->data_dir, rest);
	return line[HEX + 1] == 'f' ? steal_ptr(rest) : NULL;
}

/* True if the files of a list are still the same; their names go to *files. */
static int list_holds(
	const struct objcache *c, const struct buf *list, struct strv *files)
{
	const char *p = list->data, *end;

	for (; p && *p; p = end + 1) {
		_free_ char *name = NULL, *path = NULL;
		struct digest_hex now;
		struct err ignored;

		end = strchr(p, '\n');
		name = end ? list_name(c, p, (size_t)(end - p)) : NULL;
		if (!name)
			return 0;
		path = path_join(c->dir, name);
		if (digest_file(path, &now, &ignored) < 0 ||
			memcmp(now.s, p, HEX) != 0)
			return 0;
		strv_add(files, name);
	}
	return files->n > 0;
}

int objcache_get(struct objcache *c, const char *source,
	const struct strv *flags, const char *object, const char *dep,
	struct err *e)
{
	_buf_ struct buf list = {0}, text = {0};
	_strv_ struct strv files = {0};
	struct digest_hex first, second;
	int r;

	if (first_key(c, source, flags, &first) < 0)
		return 0;
	/* The list goes where the dependency file will be. */
	r = cache_get(&c->cache, &first, dep, 0644, e);
	if (r <= 0)
		return r;
	r = file_read(dep, LIST_MAX, &list, e);
	if (r < 0)
		return r;
	if (!list_holds(c, &list, &files))
		return 0;
	second = second_key(&first, &list);
	depfile_write(object, &files, &text);
	r = file_put(dep, text.data, text.len, 0644, e);
	return r < 0 ? r : cache_get(&c->cache, &second, object, 0644, e);
}

static int is_older(const struct stat *st, const struct timespec *t)
{
	if (st->st_mtim.tv_sec != t->tv_sec)
		return st->st_mtim.tv_sec < t->tv_sec;
	return st->st_mtim.tv_nsec < t->tv_nsec;
}

static int make_list(const struct objcache *c, const char *dep,
	const struct timespec *started, struct buf *list)
{
	_strv_ struct strv files = {0};
	struct digest_hex sha;
	struct err ignored;
	struct stat st;
	size_t i;

	if (depfile_read(dep, &files, &ignored) < 0 || !files.n)
		return -ENOENT;
	for (i = 0; i < files.n; i++) {
		_free_ char *path = path_join(c->dir, files.v[i]);

		if (strchr(files.v[i], '\n') || stat(path, &st) < 0 ||
			!is_older(&st, started) ||
			digest_file(path, &sha, &ignored) < 0)
			return -EAGAIN;
		list_add(c, list, &sha, files.v[i]);
	}
	return 0;
}

void objcache_put(struct objcache *c, const char *source,
	const struct strv *flags, const char *object, const char *dep,
	const struct timespec *started)
{
	_free_ char *list_path = xasprintf("%s.list", object);
	_buf_ struct buf list = {0};
	struct digest_hex first, second;
	struct err ignored;

	if (!c->cache.dir || make_list(c, dep, started, &list) < 0 ||
		first_key(c, source, flags, &first) < 0)
		return;
	second = second_key(&first, &list);
	if (cache_put(&c->cache, &second, object, &ignored) < 0 ||
		file_put(list_path, list.data, list.len, 0644, &ignored) < 0)
		return;
	cache_put(&c->cache, &first, list_path, &ignored);
	remove(list_path);
}

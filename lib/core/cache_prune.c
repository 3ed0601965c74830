/* SPDX-License-Identifier: Apache-2.0 */
/* The cache's size, and how it is kept below its limit. */
#include "core/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "core/sweep.h"

struct entry {
	char *path;
	uint64_t bytes;
	struct timespec used;
};
struct entries {
	struct entry *v;
	size_t n, cap;
	uint64_t total;
	int sweep; /* remove what killed builds left */
};

static void free_entries(struct entries *all)
{
	for (size_t i = 0; i < all->n; i++)
		free(all->v[i].path);
	free(all->v);
}
#define _entries_ __attribute__((cleanup(free_entries)))

/* One that vanishes meanwhile was pruned or replaced by another process. */
static void add_entry(struct entries *all, const char *dir, const char *name)
{
	_free_ char *path = path_join(dir, name);
	struct stat st;

	if (sweep_is_temporary(name)) {
		if (all->sweep)
			sweep_one(path);
		return;
	}
	if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	if (all->n == all->cap) {
		all->cap = all->cap ? all->cap * 2 : 64;
		all->v = xreallocarray(all->v, all->cap, sizeof(*all->v));
	}
	all->v[all->n++] = (struct entry){
		steal_ptr(path), (uint64_t)st.st_size, st.st_mtim};
	all->total += (uint64_t)st.st_size;
}

static void list_part(struct entries *all, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *at;

	while (d && (at = readdir(d)))
		if (strcmp(at->d_name, ".") != 0 &&
			strcmp(at->d_name, "..") != 0)
			add_entry(all, dir, at->d_name);
	if (d)
		closedir(d);
}

/* DIR/ab/cdef...: folders of two letters, and entries in them. */
static int list(const struct cache *c, struct entries *all, struct err *e)
{
	DIR *d = opendir(c->dir);
	struct dirent *at;

	if (!d)
		return err_errno(e, "open %s", c->dir);
	while ((at = readdir(d))) {
		_free_ char *part = path_join(c->dir, at->d_name);

		if (strlen(at->d_name) == 2 && strcmp(at->d_name, "..") != 0)
			list_part(all, part);
	}
	closedir(d);
	return 0;
}

static int by_use(const void *a, const void *b)
{
	const struct timespec *x = &((const struct entry *)a)->used;
	const struct timespec *y = &((const struct entry *)b)->used;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? -1 : 1;
	return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

/* The stamp's lock keeps two from pruning at once, its time tells the last. */
static int lock_stamp(const struct cache *c, int flags, struct err *e)
{
	_free_ char *stamp = path_join(c->dir, "pruned");
	_close_ int fd = open(stamp, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_errno(e, "open %s", stamp);
	while (flock(fd, LOCK_EX | flags) < 0)
		if (errno != EINTR)
			return err_errno(e, "lock %s", stamp);
	futimens(fd, NULL);
	return steal_fd(fd);
}

int cache_prune_now(const struct cache *c, uint64_t max_bytes, int flags,
	struct cache_info *left, struct err *e)
{
	_entries_ struct entries all = {.sweep = 1};
	_close_ int fd = lock_stamp(c, flags, e);
	size_t i, gone = 0;
	int r;

	if (fd < 0)
		return fd;
	r = list(c, &all, e);
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), by_use);
	for (i = 0; i < all.n && all.total > max_bytes; i++) {
		if (unlink(all.v[i].path) < 0 && errno != ENOENT) {
			r = err_errno(e, "remove %s", all.v[i].path);
			continue;
		}
		all.total -= all.v[i].bytes;
		gone++;
	}
	*left = (struct cache_info){all.n - gone, all.total};
	return r;
}

int cache_prune(const struct cache *c, uint64_t max_bytes,
	struct cache_info *left, struct err *e)
{
	return cache_prune_now(c, max_bytes, 0, left, e);
}

int cache_measure(const struct cache *c, struct cache_info *out, struct err *e)
{
	_entries_ struct entries all = {0};
	int r = list(c, &all, e);

	*out = (struct cache_info){all.n, all.total};
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of build results, found again by the SHA-256 of their inputs. */
#include "core/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/size.h"

/*
 * DIR/v2/ab/cdef... is one entry: a checksum of what follows in 16 hex
 * digits, a newline, the file. So an entry that a power failure cut is
 * recognised, and none of it needs a sync. It is no SHA-256, which would be
 * half the time of a build: who can write here can write that as well.
 */
enum { HEADER = 17, CHUNK = 256 * 1024, PRUNE_EVERY_S = 600 };
static const uint64_t default_max = (uint64_t)2 << 30;

static char *find_dir(void)
{
	const char *own = getenv("SLIPWAY_CACHE");
	const char *xdg = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");

	if (own && *own)
		return strcmp(own, "off") ? xstrdup(own) : NULL;
	if (xdg && *xdg == '/')
		return path_join(xdg, "slipway");
	if (home && *home == '/')
		return path_join(home, ".cache/slipway");
	return NULL;
}

int cache_open(struct cache *c, struct err *e)
{
	const char *max = getenv("SLIPWAY_CACHE_MAX");
	const char *own = getenv("SLIPWAY_CACHE");
	_free_ char *dir = NULL;
	struct err why;

	*c = (struct cache){.max_bytes = default_max};
	if (max && *max && size_parse(max, &c->max_bytes) < 0)
		return err_set(e, -EINVAL,
			"SLIPWAY_CACHE_MAX: \"%s\" is not a size such as 2G",
			max);
	dir = find_dir();
	if (!dir)
		return 0;
	c->dir = path_join(dir, "v2");
	if (file_mkdirs(c->dir, &why) == 0 && access(c->dir, R_OK | X_OK) < 0)
		err_errno(&why, "open %s", c->dir);
	else if (access(c->dir, F_OK) == 0)
		return 0;
	/* Only a wish that was told is worth a word. */
	if (own && *own)
		log_add(LOG_NOTE, "there is no cache: %s", why.msg);
	cache_close(c);
	return 0;
}

void cache_close(struct cache *c)
{
	free(c->dir);
	*c = (struct cache){0};
}

static char *entry_path(const struct cache *c, const struct digest_hex *key)
{
	return xasprintf("%s/%.2s/%s", c->dir, key->s, key->s + 2);
}

/* Each word goes through a bijection: one that differs is always seen. */
static uint64_t check_words(uint64_t sum, const char *p, size_t n)
{
	uint64_t word;

	for (; n; p += sizeof(word)) {
		size_t part = n < sizeof(word) ? n : sizeof(word);

		word = 0;
		memcpy(&word, p, part);
		sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
		sum ^= sum >> 32;
		n -= part;
	}
	return sum;
}

/* Fills the buffer but for the end of the file; -1 on an error. */
static ssize_t read_chunk(int fd, char *chunk)
{
	size_t have = 0;
	ssize_t n = 1;

	while (have < CHUNK && n != 0) {
		n = read(fd, chunk + have, CHUNK - have);
		if (n < 0 && errno != EINTR)
			return -1;
		have += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)have;
}

/* Copies to the end of `from`, and makes the header for what it copied. */
static int copy_check(int from, int to, char header[HEADER], struct err *e)
{
	_free_ char *chunk = xmalloc(CHUNK);
	char text[HEADER + 1];
	uint64_t sum = 0, len = 0;
	ssize_t n;
	int r;

	while ((n = read_chunk(from, chunk)) > 0) {
		sum = check_words(sum, chunk, (size_t)n);
		len += (uint64_t)n;
		r = file_write_all(to, chunk, (size_t)n, e);
		if (r < 0)
			return r;
	}
	if (n < 0)
		return err_errno(e, "read");
	sum = check_words(sum, (const char *)&len, sizeof(len));
	snprintf(text, sizeof(text), "%016" PRIx64 "\n", sum);
	memcpy(header, text, HEADER);
	return 0;
}

int cache_get(struct cache *c, const struct digest_hex *key, const char *path,
	mode_t mode, struct err *e)
{
	_outfile_ struct outfile out = {.fd = -1};
	_free_ char *entry = NULL;
	char header[HEADER], own[HEADER];
	_close_ int fd = -1;
	int r;

	if (!c->dir)
		return 0;
	entry = entry_path(c, key);
	fd = open(entry, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	r = file_create(&out, path, mode, e);
	if (r < 0)
		return r;
	if (read(fd, header, HEADER) != HEADER) {
		unlink(entry);
		return 0;
	}
	r = copy_check(fd, out.fd, own, e);
	if (r < 0)
		return err_wrap(e, "%s from the cache", path);
	if (memcmp(header, own, HEADER) != 0) {
		unlink(entry);
		return 0;
	}
	futimens(fd, NULL); /* used now; it does not matter if this fails */
	r = file_commit_unsynced(&out, e);
	return r < 0 ? r : 1;
}

static int write_entry(
	const char *entry, int from, uint64_t *bytes, struct err *e)
{
	static const char blank[HEADER] = {0};
	_outfile_ struct outfile out = {.fd = -1};
	_free_ char *dir = path_dir(entry);
	char header[HEADER];
	struct stat st;

	if (file_mkdirs(dir, e) < 0 || file_create(&out, entry, 0644, e) < 0 ||
		file_write_all(out.fd, blank, HEADER, e) < 0 ||
		copy_check(from, out.fd, header, e) < 0 ||
		file_pwrite_all(out.fd, header, HEADER, 0, e) < 0)
		return e->code;
	if (fstat(out.fd, &st) < 0)
		return err_errno(e, "stat %s", entry);
	*bytes = (uint64_t)st.st_size;
	return file_commit_unsynced(&out, e);
}

/* Read-only (another user's, a mount) or full: said once. */
static void say_not_kept(const struct cache *c, const struct err *e)
{
	static int said;

	if (!said++)
		log_add(LOG_NOTE, "nothing is kept in the cache %s: %s", c->dir,
			e->msg);
}

/* Once in a while, and when this process has added much. */
static int is_prune_due(struct cache *c)
{
	_free_ char *stamp = path_join(c->dir, "pruned");
	struct stat st;

	if (c->put_bytes > c->max_bytes / 8)
		return 1;
	return stat(stamp, &st) < 0 || time(NULL) - st.st_mtime > PRUNE_EVERY_S;
}

int cache_put(struct cache *c, const struct digest_hex *key, const char *path,
	struct err *e)
{
	_free_ char *entry = NULL;
	_close_ int fd = -1;
	struct cache_info left;
	uint64_t bytes = 0;
	struct err why;

	if (!c->dir)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "open %s", path);
	entry = entry_path(c, key);
	if (write_entry(entry, fd, &bytes, &why) < 0) {
		say_not_kept(c, &why);
		return 0;
	}
	c->put_bytes += bytes;
	if (is_prune_due(c)) {
		c->put_bytes = 0;
		cache_prune_now(c, c->max_bytes, LOCK_NB, &left, &why);
	}
	return 0;
}

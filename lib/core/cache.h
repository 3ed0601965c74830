/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of build results, found again by the SHA-256 of their inputs. */
#ifndef CORE_CACHE_H
#define CORE_CACHE_H

#include <stdint.h>
#include <sys/types.h>

#include "core/digest.h"
#include "core/err.h"

/*
 * The folder is $SLIPWAY_CACHE, $XDG_CACHE_HOME/slipway or ~/.cache/slipway;
 * with SLIPWAY_CACHE=off, or where none of these can be made, there is no
 * cache: nothing is found and nothing kept. Several builds can use it at
 * once. It holds at most $SLIPWAY_CACHE_MAX (a size, 2G by default): what
 * was not used for longest goes first.
 */
struct cache {
	char *dir; /* NULL: no cache */
	uint64_t max_bytes;
	uint64_t put_bytes; /* since the last pruning of this process */
};

/* Fails only for a wrong SLIPWAY_CACHE_MAX. */
int cache_open(struct cache *c, struct err *e);
void cache_close(struct cache *c);

/*
 * Writes the file kept for a key to `path`, whole or not at all. 1 when it
 * did, 0 when there is none (a damaged one counts as none), else an error.
 */
int cache_get(struct cache *c, const struct digest_hex *key, const char *path,
	mode_t mode, struct err *e);
/* Keeps a copy of the file; a cache that cannot be written is no error, and
 * a note in the log. */
int cache_put(struct cache *c, const struct digest_hex *key, const char *path,
	struct err *e);

/* What is in it; there must be one (c->dir). */
struct cache_info {
	size_t entries;
	uint64_t bytes;
};
int cache_measure(const struct cache *c, struct cache_info *out, struct err *e);
/*
 * Removes the least recently used until at most max_bytes are left, and what
 * killed builds left; waits for another that prunes. A build that runs is not
 * disturbed: it has what it found open, and copies it.
 */
int cache_prune(const struct cache *c, uint64_t max_bytes,
	struct cache_info *left, struct err *e);
/* The same with more flags of flock: LOCK_NB does not wait. */
int cache_prune_now(const struct cache *c, uint64_t max_bytes, int flags,
	struct cache_info *left, struct err *e);

#define _cache_ __attribute__((cleanup(cache_close)))

#endif

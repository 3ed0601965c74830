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
/* Keeps a copy of the file; a cache that cannot be written is no error. */
int cache_put(struct cache *c, const struct digest_hex *key, const char *path,
	struct err *e);
/* Removes the oldest until at most max_bytes are left. */
int cache_prune(struct cache *c, uint64_t max_bytes, struct err *e);

#define _cache_ __attribute__((cleanup(cache_close)))

#endif

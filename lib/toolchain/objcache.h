/* SPDX-License-Identifier: Apache-2.0 */
/* Objects compiled before, from the same bytes by the same command. */
#ifndef TOOLCHAIN_OBJCACHE_H
#define TOOLCHAIN_OBJCACHE_H

#include <stdint.h>
#include <time.h>

#include "core/buf.h"
#include "core/cache.h"
#include "core/err.h"
#include "manifest/target.h"

/*
 * Two steps, since which headers count is only known after compiling: the
 * command and the source lead to a list of files with their digests; if
 * all are still so, command and list lead to the object. Neither says where
 * the project or Slipway is, so that a cache serves in other places, too.
 */
struct objcache {
	struct cache cache;
	const struct target *target;
	const char *data_dir; /* of Slipway */
	char *real_data_dir;  /* as gcc may name it */
	const char *dir;      /* of the project */
	uint64_t epoch;       /* of __DATE__ */
	char *compiler;       /* what tells one gcc from another */
};

int objcache_open(struct objcache *c, const struct target *t,
	const char *data_dir, const char *dir, uint64_t epoch, struct err *e);
void objcache_close(struct objcache *c);

/* 1: `object` and its dependency file are there; 0: unknown; or -errno. */
int objcache_get(struct objcache *c, const char *source,
	const struct strv *flags, const char *object, const char *dep,
	struct err *e);
/* Keeps an object, unless a file changed since the compiler started. */
void objcache_put(struct objcache *c, const char *source,
	const struct strv *flags, const char *object, const char *dep,
	const struct timespec *started);

#endif

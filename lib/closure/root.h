/* SPDX-License-Identifier: Apache-2.0 */
/* An unpacked system, seen as its programs would see it from inside. */
#ifndef CLOSURE_ROOT_H
#define CLOSURE_ROOT_H

#include <sys/stat.h>

#include "core/err.h"

/* Called for each symbolic link that a path leads through: its own path,
 * all links before it followed, and what it contains. */
typedef void root_link_fn(const char *path, const char *target, void *arg);

/*
 * Follows a path inside the tree at `root` (a folder of this machine), as if
 * the tree were "/": an absolute link begins there again, and ".." ends
 * there, so that no path leads out. *real is the path without links, to be
 * freed; *st is what is there. `fn` may be NULL.
 * -ENOENT, -ENOTDIR: it is not there. -ELOOP: more links than the kernel
 * follows. -EXDEV: it leads to /dev, /proc or /sys, which are the system's
 * own when the program runs.
 */
int root_follow(const char *root, const char *path, root_link_fn *fn, void *arg,
	char **real, struct stat *st, struct err *e);

/* Where a path without links is on this machine; caller frees. */
char *root_host(const char *root, const char *real);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The start of a build, for the commands that build. */
#ifndef SLIPWAY_OPEN_H
#define SLIPWAY_OPEN_H

#include "build/build.h"

/* build_open, which prints what is wrong; an exit status. */
int open_build(struct build *b, const char *manifest, const char *target);

/* The same for several targets, as build_open_targets. */
int open_builds(struct build **v, size_t *n, const char *manifest,
	const struct strv *targets);

#endif

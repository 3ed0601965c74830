/* SPDX-License-Identifier: Apache-2.0 */
/* slipway build --verify: the same bytes a second time. */
#ifndef SLIPWAY_VERIFY_H
#define SLIPWAY_VERIFY_H

#include "build/build.h"

/*
 * Builds once more what was built: a copy of the manifest's folder, somewhere
 * else, with an empty cache, another umask, time zone and number of jobs.
 * Compares each output. `b` are the builds of all targets. EXIT_OK, or
 * EXIT_FAILED after it told the difference; then both are there to look into.
 */
int verify_build(const struct build *b, size_t ntargets,
	const struct output *outputs, size_t noutputs, const struct strv *tags);

#endif

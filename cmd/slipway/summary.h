/* SPDX-License-Identifier: Apache-2.0 */
/* What a build made, and the next thing to type. */
#ifndef SLIPWAY_SUMMARY_H
#define SLIPWAY_SUMMARY_H

#include "build/build.h"

/* On stderr, or as events; EXIT_FAILED after an error was printed. */
int summary_show(const struct build *b, size_t ntargets,
	const struct output *outputs, size_t n, const struct strv *tags);

#endif

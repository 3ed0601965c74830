/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the nearest of some words, by edit distance. */
#ifndef CORE_NEAR_H
#define CORE_NEAR_H

#include <stddef.h>

/*
 * The word of `words` (n of them) that is nearest to `word`, if it is near
 * enough to be a slip of the pen: at most one insertion, deletion,
 * replacement or swap of neighbours for each three letters. Else NULL.
 */
const char *near_find(const char *word, const char *const *words, size_t n);

#endif

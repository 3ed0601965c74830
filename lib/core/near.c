/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the nearest of some words, by edit distance. */
#include "core/near.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST = 63 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Letters are compared without case, and '-' as '_'. */
static int fold(char c)
{
	return c == '-' ? '_' : tolower((unsigned char)c);
}

/* Optimal string alignment distance of two words of at most LONGEST. */
static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned rows[3][LONGEST + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2], *t;
	size_t i, j;

	memset(rows, 0, sizeof(rows));
	for (j = 0; j <= nb; j++)
		last[j] = (unsigned)j;
	for (i = 1; i <= na; i++) {
		now[0] = (unsigned)i;
		for (j = 1; j <= nb; j++) {
			unsigned differ = fold(a[i - 1]) != fold(b[j - 1]);

			now[j] = min3(last[j] + 1, now[j - 1] + 1,
				last[j - 1] + differ);
			if (i > 1 && j > 1 &&
				fold(a[i - 1]) == fold(b[j - 2]) &&
				fold(a[i - 2]) == fold(b[j - 1]) &&
				before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
		t = before;
		before = last;
		last = now;
		now = t;
	}
	return last[nb];
}

const char *near_find(const char *word, const char *const *words, size_t n)
{
	size_t len = strlen(word), i, other;
	const char *best = NULL;
	unsigned best_d = 0, d;

	if (len > LONGEST)
		return NULL;
	for (i = 0; i < n; i++) {
		other = strlen(words[i]);
		if (other > LONGEST)
			continue;
		d = distance(word, len, words[i], other);
		if (d > (len > 3 ? len : 3) / 3)
			continue;
		if (d >= other)
			continue; /* nothing in common */
		if (!best || d < best_d) {
			best = words[i];
			best_d = d;
		}
	}
	return best;
}

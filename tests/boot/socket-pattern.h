/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that both ends of a connection know. */
#ifndef SOCKET_PATTERN_H
#define SOCKET_PATTERN_H

#include <stddef.h>

static inline unsigned char pattern_byte(size_t at)
{
	return (unsigned char)(at * 31 + (at >> 8) * 7 + (at >> 16));
}

static inline void pattern_fill(unsigned char *p, size_t at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = pattern_byte(at + i);
}

static inline size_t pattern_wrong(const unsigned char *p, size_t at, size_t n)
{
	size_t bad = 0;

	for (size_t i = 0; i < n; i++)
		bad += p[i] != pattern_byte(at + i);
	return bad;
}

#endif

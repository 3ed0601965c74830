/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes as people write them: 64M, 512K, 2GiB. */
#include "core/size.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The factor of a unit, 0 if it is none; "" is not one. */
static uint64_t unit_factor(const char *s)
{
	if (s[0] && s[1] && strcmp(s + 1, "iB") != 0)
		return 0;
	switch (s[0]) {
	case 'K':
	case 'k':
		return (uint64_t)1 << 10;
	case 'M':
	case 'm':
		return (uint64_t)1 << 20;
	case 'G':
	case 'g':
		return (uint64_t)1 << 30;
	default:
		return 0;
	}
}

int size_parse(const char *s, uint64_t *bytes)
{
	const uint64_t max = (uint64_t)1 << 40;
	size_t digits = strspn(s, "0123456789");
	uint64_t unit = unit_factor(s + digits);
	uint64_t n;

	if (!digits || !unit)
		return -EINVAL;
	n = digits > 13 ? max : strtoull(s, NULL, 10);
	if (n == 0 || n > max / unit)
		return -ERANGE;
	*bytes = n * unit;
	return 0;
}

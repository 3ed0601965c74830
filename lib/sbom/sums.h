/* SPDX-License-Identifier: Apache-2.0 */
/* The digests that a bill of materials has of a file. */
#ifndef SBOM_SUMS_H
#define SBOM_SUMS_H

#include <stddef.h>

#include "core/err.h"

struct sbom_sums {
	char sha1[41], sha256[65];
};
void sbom_sum_bytes(const void *p, size_t n, struct sbom_sums *out);
int sbom_sum_file(const char *path, struct sbom_sums *out, struct err *e);

#endif

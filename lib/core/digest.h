/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4), through nettle. */
#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include <nettle/sha2.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct digest {
	struct sha256_ctx ctx;
};
struct digest_hex {
	char s[65];
};

void digest_init(struct digest *d);
void digest_add(struct digest *d, const void *p, size_t n);
/* Length and bytes, so that ("ab","c") and ("a","bc") differ. */
void digest_add_str(struct digest *d, const char *s);
struct digest_hex digest_end(struct digest *d);
int digest_file(const char *path, struct digest_hex *out, struct err *e);

#endif

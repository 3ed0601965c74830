/* SPDX-License-Identifier: Apache-2.0 */
/* How something was built: an in-toto statement with SLSA provenance. */
#ifndef SBOM_PROVENANCE_H
#define SBOM_PROVENANCE_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/digest.h"

#define PROVENANCE_TYPE      "application/vnd.in-toto+json"
#define PROVENANCE_PREDICATE "https://slsa.dev/provenance/v1"

/* What went in or came out: a name or a URI, and its digest if known. */
struct provenance_item {
	char *name, *uri; /* either may be NULL */
	char *sha256;     /* hex, or NULL */
};

/* All zero is an empty one. */
struct provenance {
	char *manifest, *target, *name; /* what was asked for */
	char *base;                     /* of the target */
	uint64_t epoch;
	struct provenance_item *inputs;
	size_t ninputs;
	struct provenance_item *subjects; /* what came out */
	size_t nsubjects;
};
void provenance_free(struct provenance *p);
#define _provenance_ __attribute__((cleanup(provenance_free)))

/* Strings are copied; NULL is none. */
void provenance_add_input(struct provenance *p, const char *name,
	const char *uri, const char *sha256);
void provenance_add_subject(
	struct provenance *p, const char *name, const char *sha256);

/* The statement. With `image`, the digest of an image's manifest, that is
 * the subject in place of the files. */
void provenance_write(const struct provenance *p,
	const struct digest_hex *image, struct buf *out);

#endif

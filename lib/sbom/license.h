/* SPDX-License-Identifier: Apache-2.0 */
/* Licences of a source package, from debian/copyright to SPDX. */
#ifndef SBOM_LICENSE_H
#define SBOM_LICENSE_H

#include "core/buf.h"

/* A licence that SPDX has no name for, with its text. */
struct license_text {
	char *id;   /* "LicenseRef-musl-public-domain" */
	char *name; /* "public-domain" */
	char *text;
};

struct licenses {
	char *expression; /* NULL: not known */
	struct license_text *texts;
	size_t ntexts;
};
void licenses_free(struct licenses *l);

/*
 * Reads the text of a machine-readable debian/copyright (its format 1.0):
 * the licences of all files but those of debian/, joined by AND. Any other
 * text gives no expression. `package` makes the names of texts unique.
 */
void licenses_read(struct licenses *l, const char *text, const char *package);

/* Nonzero for an SPDX expression of names that we know, without brackets. */
int license_is_known(const char *expression);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What takes long to find out of files that seldom change, remembered. */
#ifndef BUILD_MEMO_H
#define BUILD_MEMO_H

#include "core/buf.h"
#include "core/err.h"
#include "sbom/sbom.h"

/* The digests of files, in their order: v has room for all. Those of many
 * bytes are kept in the cache by the files' identities; `scratch` is the
 * path of a file that may be made and removed. */
int memo_sums(const struct strv *paths, const char *scratch,
	struct sbom_sums *v, struct err *e);
/* The packages that files came with: the lines of dpkg_find (sbom/dpkg.h) as
 * a list. */
int memo_owners(const char *admin, const struct strv *paths,
	const char *scratch, struct strv *lines, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Which package of the distribution a file of this machine came with. */
#ifndef SBOM_DPKG_H
#define SBOM_DPKG_H

#include "core/buf.h"

/*
 * One line for each path, in their order, appended to *out: "PACKAGE VERSION
 * ARCHITECTURE SOURCE SOURCE-VERSION [SHA256]", or "-" where no package has
 * it; the digest, of the .deb, where the database has one. Asks a database of
 * dpkg (`admin`, NULL being $DPKG_ADMINDIR, else /var/lib/dpkg), which a path
 * with or without the /usr of a merged system finds. Without a database all
 * lines are "-".
 */
void dpkg_find(const char *admin, const struct strv *paths, struct buf *out);
/* The file of the database that changes with every installation. */
char *dpkg_status_path(const char *admin); /* caller frees */

#endif

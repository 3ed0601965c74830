/* SPDX-License-Identifier: Apache-2.0 */
/* Package URLs: the names by which tools find a package again. */
#ifndef SBOM_PURL_H
#define SBOM_PURL_H

/* "pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1?arch=amd64"; caller frees. */
char *purl_deb(const char *name, const char *version, const char *arch);

/* The same of another distribution, by its name in os-release(5). */
char *purl_deb_of(const char *distribution, const char *name,
	const char *version, const char *arch);
/* That name out of a file; NULL: it has none. Caller frees. */
char *purl_release_id(const char *path);

/* The distribution of this machine by os-release(5), as it names itself:
 * "Debian GNU/Linux"; caller frees. */
char *purl_distribution(void);

#endif

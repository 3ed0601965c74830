/* SPDX-License-Identifier: Apache-2.0 */
/* A source package of the distribution that something was built from. */
#ifndef SBOM_SOURCE_H
#define SBOM_SOURCE_H

#include "core/buf.h"
#include "sbom/license.h"

struct source_file {
	char *name; /* "musl_1.2.3.orig.tar.gz" */
	char sha1[41], sha256[65];
};

struct source {
	char *name, *version; /* version: NULL if nothing tells it */
	/* The .dsc and what it lists; empty if there is none. */
	struct source_file *files;
	size_t nfiles;
	struct licenses licenses;
};
void source_free(struct source *s);
#define _source_ __attribute__((cleanup(source_free)))

/*
 * `debian` is the folder of that name in the unpacked tree, or one with some
 * of its files: source.dsc, which fetch.sh leaves there, copyright,
 * changelog. A tree that was unpacked before fetch.sh did so has no
 * source.dsc: the one in the folder of downloads ($SLIPWAY_SOURCES) counts
 * if its version is that of the changelog. Where there is none either, name
 * and version are those of the changelog, and there are no checksums.
 */
void source_read(struct source *s, const char *debian, const char *name);

#endif

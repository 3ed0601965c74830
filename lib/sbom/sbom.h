/* SPDX-License-Identifier: Apache-2.0 */
/* A software bill of materials: packages, files, and what relates them. */
#ifndef SBOM_SBOM_H
#define SBOM_SBOM_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "sbom/license.h"
#include "sbom/source.h"
#include "sbom/sums.h"

/* Strings may be NULL where a value is not known. */
struct sbom_package {
	char *id;   /* unique: "Package-musl" */
	char *name; /* never NULL */
	char *version, *purl, *purpose, *comment;
	char *sha256;   /* of the archive that it came as */
	char *license;  /* SPDX expression, as declared */
	char *supplier; /* an organization's name */
	size_t nfiles;  /* that it contains; counted by sbom_add_file */
};

struct sbom_file {
	char *name;       /* relative to its package: "./usr/bin/x" */
	const char *type; /* "SOURCE", "BINARY", "OTHER", ... */
	struct sbom_sums sums;
	size_t package; /* that contains it */
};

/* A package or a file: what sbom_add_... gave, or the document. */
typedef uint64_t sbom_ref;
#define SBOM_DOCUMENT UINT64_MAX
#define SBOM_FILE     (1ull << 62)

struct sbom_relation {
	sbom_ref from, to;
	const char *type; /* "STATIC_LINK": a constant */
};

struct sbom {
	char *name;     /* of the document */
	uint64_t epoch; /* its time */
	struct sbom_package *packages;
	size_t npackages;
	struct sbom_file *files;
	size_t nfiles;
	struct sbom_relation *relations;
	size_t nrelations;
	struct license_text *texts; /* of licences without an SPDX name */
	size_t ntexts;
};
void sbom_free(struct sbom *b);
#define _sbom_ __attribute__((cleanup(sbom_free)))

/* The package to be filled in; stays in place until the next one. */
struct sbom_package *sbom_add_package(
	struct sbom *b, const char *id, const char *name, sbom_ref *ref);
/* NULL: no package has this id. */
struct sbom_package *sbom_find_package(
	const struct sbom *b, const char *id, sbom_ref *ref);
sbom_ref sbom_add_file(struct sbom *b, sbom_ref package, const char *name,
	const char *type, const struct sbom_sums *sums);
/* The same relation twice is one. */
void sbom_relate(struct sbom *b, sbom_ref from, const char *type, sbom_ref to);
/* A source package with its files and licences; once for each name. */
sbom_ref sbom_add_source(struct sbom *b, const struct source *s);
/* One of the distribution's binary packages by its line of dpkg_find; -1 if
 * that is "-". Once for each version of a package. */
int sbom_add_deb(struct sbom *b, const char *line, sbom_ref *ref);

/* The licences of a package that was added, with their texts. */
void sbom_add_licenses(
	struct sbom *b, sbom_ref package, const struct licenses *l);

/* SPDX 2.3 as JSON: the same contents give the same bytes. */
void sbom_write_spdx(const struct sbom *b, struct buf *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* An image's bill of materials and the provenance of what is in it. */
#ifndef BUILD_BILL_H
#define BUILD_BILL_H

#include "build/build.h"
#include "build/linked.h"
#include "image/image.h"
#include "sbom/provenance.h"
#include "sbom/sbom.h"

/* Where they are in an image. */
#define BILL_SBOM       "slipway/sbom.spdx.json"
#define BILL_PROVENANCE "slipway/provenance.json"

/* The work and its results. */
struct bill {
	const struct build *build;
	char *scratch; /* of memo.h */
	struct sbom sbom;
	struct provenance provenance;
	sbom_ref image, app, slipway;
	struct buf spdx; /* the SBOM's text */
	struct image_referrer referrers[2];
};
void bill_free(struct bill *b);
#define _bill_ __attribute__((cleanup(bill_free)))

/* Of an image with these layers, whose disk and kernel were built. */
int bill_make(struct bill *bill, const struct build *b,
	struct image_layer *const *layers, size_t nlayers, struct err *e);

/* Inside: the parts that the program and the kernel are made of. */
int bill_add_parts(struct bill *b, struct err *e);
/* The sources below `root` of a program that commands built there: of these
 * objects and archives, of which the link took these parts (linked.h), and of
 * the objects that are in the program. */
int bill_add_compiled(struct bill *b, const char *root,
	const struct strv *files, const struct strv *parts, struct err *e);
/* How the identifiers of packages in an image that is the root begin. */
#define BILL_ROOT "Root-"
/* The image that the root filesystem is, with the packages that it lists. */
int bill_add_rootimage(struct bill *b, sbom_ref rootfs, struct err *e);
/* Of files of the machine, their packages as relations of this kind from
 * refs[i], and as inputs of the build; what no package has is left out. */
int bill_relate_owners(struct bill *b, const struct strv *paths,
	const sbom_ref *refs, const char *type, struct err *e);
/* The same of files that were collected, by their paths in the tree that they
 * are of: by its own database, and with the licences that it tells. */
int bill_relate_collected(struct bill *b, const struct strv *paths,
	const sbom_ref *refs, struct err *e);
/* A file's name relative to the project, or alone if it is elsewhere. */
const char *bill_name(const struct build *b, const char *path);

#endif

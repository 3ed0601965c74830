/* SPDX-License-Identifier: Apache-2.0 */
/* What a new volume holds at first. */
#ifndef BUILD_SEED_H
#define BUILD_SEED_H

#include "core/err.h"
#include "image/image.h"
#include "manifest/app.h"

/*
 * An engine fills a new volume with what the image has at its place. The
 * guest's files are in its disk, so those that lie in the folders of the
 * manifest's volumes are put into the layer, too.
 */
int seed_volumes(const struct app *a, struct image_layer *l, struct err *e);

#endif

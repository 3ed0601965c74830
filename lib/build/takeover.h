/* SPDX-License-Identifier: Apache-2.0 */
/* What an image's configuration says, as values of a manifest. */
#ifndef BUILD_TAKEOVER_H
#define BUILD_TAKEOVER_H

#include "manifest/app.h"
#include "oci/image.h"

/* Puts it where the manifest says nothing; what cannot be is a line in
 * *notes. */
void takeover_config(
	struct app *a, const struct oci_config *c, struct strv *notes);

/* K=V of a list, unless it has one of the key; sorted again by the caller. */
void takeover_default_env(struct app *a, const char *entry);

#endif

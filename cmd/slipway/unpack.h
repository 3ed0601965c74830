/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the machine's files out of an image. */
#ifndef SLIPWAY_UNPACK_H
#define SLIPWAY_UNPACK_H

#include "core/err.h"

/*
 * Reads a docker archive (docker save, slipway build) and writes its
 * slipway/vm.json, kernel and disk below `dir`, at the paths of the image.
 * -EINVAL if it is no such archive, or none that Slipway made.
 */
int unpack_image(const char *path, const char *dir, struct err *e);

#endif

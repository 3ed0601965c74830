/* SPDX-License-Identifier: Apache-2.0 */
/* "rootfs": a container image becomes the root, and says how it runs. */
#ifndef BUILD_IMAGEROOT_H
#define BUILD_IMAGEROOT_H

#include "build/build.h"

/* The same of a manifest that is not built: for what is told of it. */
int imageroot_describe(struct app *a, const struct target *t, struct err *e);

/*
 * Reads the image's configuration, and takes over what the manifest does not
 * say. What cannot be is told as a note. Nothing without an image.
 */
int imageroot_open(struct build *b, struct err *e);

/*
 * Unpacks the layers to NAME/root if they are not there yet, and puts their
 * files before those of the manifest, whose paths follow the image's links.
 * Files are then complete, so that `user` can be looked up.
 */
int imageroot_unpack(struct build *b, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Why a file is in an image of Slipway, and what it makes the image for. */
#ifndef INSPECT_ORIGIN_H
#define INSPECT_ORIGIN_H

/*
 * The reason for a file, by its place and by the comment of its layer: "the
 * launcher, entry point of the image"; NULL if it is not known.
 */
const char *origin_of(const char *path, const char *comment);

/* The way to boot that a file is there for: "container", "urunc"; or NULL. */
const char *origin_boot(const char *path);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Inside lib/build: how an image is put together. */
#ifndef BUILD_PACK_H
#define BUILD_PACK_H

#include <stddef.h>

#include "build/build.h"
#include "vm/config.h"

/* What to start, with the kernel and the disk at these places. */
void pack_config(const struct build *b, struct vm_config *c, const char *kernel,
	const char *disk);
/* The manifest's ports as images have them: "80/tcp". */
void pack_ports(struct strv *to, const struct app *a);
/* A file of the launcher's; caller frees. */
char *pack_launch_file(const struct build *b, const char *name);

/*
 * Writes the output, of type docker, oci or rootfs, of `n` builds (of one
 * manifest for different targets), whose disks are up to date. Several go
 * into an output of type oci only.
 */
int pack_image(const struct build *b, size_t n, const struct output *o,
	const struct strv *tags, const char *path, struct err *e);

#endif

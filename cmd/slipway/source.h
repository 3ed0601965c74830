/* SPDX-License-Identifier: Apache-2.0 */
/* What `slipway run` can start: a project, an image, a disk, a kernel. */
#ifndef SLIPWAY_SOURCE_H
#define SLIPWAY_SOURCE_H

#include "core/err.h"
#include "vm/config.h"

struct source {
	struct vm_config config;
	const char *disk_format; /* of config.disk; NULL: raw */
	int foreign; /* a disk without keel on it: only a serial console */
	char *tmp;   /* folder to remove, or NULL */
};

/*
 * Finds out what `path` is: a folder or manifest (built first if need be),
 * a folder of results with vm.json, an image as a tar file, a bootable disk
 * (raw or qcow2) or a kernel. Returns 0, or the exit status after it printed
 * the error.
 */
int source_open(struct source *s, const char *path);
void source_close(struct source *s);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What engines beside Docker look for in an image. */
#ifndef BUILD_ENGINES_H
#define BUILD_ENGINES_H

#include "build/build.h"
#include "core/buf.h"
#include "image/image.h"

/* Where the kernel and the disk are in every image. KubeVirt's containerDisk
 * is an image with exactly one file in /disk, which uid 107 can read. */
#define ENGINES_KERNEL ".boot/kernel"
#define ENGINES_DISK   "disk/disk.img"

/*
 * Adds kernel and disk, /urunc.json (urunc) and /.krun_vm.json (crun with
 * libkrun) to the application's layer. -EINVAL if a volume of the manifest
 * lies in /disk.
 */
int engines_add_files(
	const struct build *b, struct image_layer *l, struct err *e);

/* The manifest's labels, target and base, and those that urunc reads; what the
 * manifest says itself stays. Labels of org.opencontainers.image and
 * com.urunc.unikernel are annotations of the image's manifest, too. */
void engines_add_labels(const struct build *b, struct strv *labels);

#endif

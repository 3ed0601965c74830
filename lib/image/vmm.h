/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor layer: QEMU, the libraries it needs, its firmware. */
#ifndef IMAGE_VMM_H
#define IMAGE_VMM_H

#include "core/err.h"
#include "image/image.h"

/*
 * Fills a layer with the host's QEMU. `qemu` is a program name, such as
 * "qemu-system-x86_64". All files are at the paths where the host has them
 * (links of a merged /usr included), so QEMU and the dynamic loader find
 * everything without help:
 *   usr/bin/QEMU, the interpreter and the closure of DT_NEEDED, the
 *   module accel-tcg-ARCH.so with its closure, and of
 *   usr/share/{qemu,seabios}: bios-256k.bin, bios-microvm.bin, qboot.rom,
 *   pvh.bin, linuxboot_dma.bin, kvmvapic.bin.
 * A firmware file that the host does not have is left out, a library that
 * is missing is an error. The layer's `keep` is set.
 */
int vmm_add(struct image_layer *l, const char *qemu, struct err *e);

/* Where vmm_add puts the program: "/usr/bin/qemu-system-x86_64"; caller
 * frees; NULL (and *e) when the host has no such program. */
char *vmm_path(const char *qemu, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Unpacks what the link step packed: LZ4 blocks. */
#ifndef KERN_LZ4_H
#define KERN_LZ4_H

#include "kern/types.h"

/*
 * The block of n bytes at `from` (LZ4 block format) is unpacked to `to`;
 * returns where it ends. The block is part of the kernel file and is
 * trusted. Runs before the relocation, and in a panic.
 */
char *lz4_unpack(const uint8_t *from, size_t n, char *to);

#endif

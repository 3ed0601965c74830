/* SPDX-License-Identifier: Apache-2.0 */
/* Packs the initialised data of a kernel file. */
#ifndef TOOLCHAIN_PACK_H
#define TOOLCHAIN_PACK_H

#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * Initialised data is mostly addresses and zeros. What keel.ld places from
 * keel_pack_start (`start`) to the end of .data becomes one LZ4 block, which
 * arch/x86_64/unpack.c of keel unpacks before anything else. The segments
 * of `file`, the first three PT_LOAD in this order, are then
 *   the code, as it was;
 *   the constants up to `start`, with memory up to the end of .bss, so that
 *     loaders keep it free and clear it;
 *   the block, PACK_GAP behind the end of .bss: in between keel has its
 *     first page tables and stack (arch/x86_64/start.h, BOOT_STACK_TOP).
 * The bytes of the file stay where they are up to the block, at the place of
 * `start`; what follows the block is no longer of use. A file that would
 * not become shorter stays as it is.
 */
enum { PACK_GAP = 0x5000 };
int pack_data(struct buf *file, uint64_t start, struct err *e);

/* Appends the LZ4 block of n bytes at p to *out. The same bytes give the
 * same block. */
void pack_block(const void *p, size_t n, struct buf *out);

#endif

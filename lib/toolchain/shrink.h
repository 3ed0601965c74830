/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a stripped kernel as short as its segments. */
#ifndef TOOLCHAIN_SHRINK_H
#define TOOLCHAIN_SHRINK_H

#include "core/buf.h"
#include "core/err.h"

/*
 * Cuts the ELF file behind its last segment and gives it a section table of
 * only one section, `keep`, or of none if it has no such section. No loader
 * reads the others; they are a kilobyte of a small kernel.
 */
int shrink_sections(struct buf *file, const char *keep, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Whose each byte of an ELF file is, as far as the file itself tells. */
#ifndef INSPECT_ELFSIZE_H
#define INSPECT_ELFSIZE_H

#include <jansson.h>

#include "toolchain/elf.h"

/*
 * Sets "components" of o, which sums to the file's size, and
 * "components_from": "record of the link" if `record` (explain.h), which must
 * be about this kernel, is not NULL, else "segments and sections".
 */
void elf_set_components(json_t *o, const struct elf *f, json_t *record);

#endif

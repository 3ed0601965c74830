/* SPDX-License-Identifier: Apache-2.0 */
/* Whose each byte of a kernel file of base linux is. */
#ifndef INSPECT_LINUXSIZE_H
#define INSPECT_LINUXSIZE_H

#include "inspect/spans.h"
#include "toolchain/elf.h"

/*
 * If f is a bundle (linux/bundle.h): Linux itself, and what its initramfs has
 * ("application", "init", "modules", "boot record").
 */
void linux_add_spans(struct spans *s, const struct elf *f);

#endif

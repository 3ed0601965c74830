/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's firmware configuration device (docs/specs/fw_cfg). */
#ifndef PLAT_FWCFG_H
#define PLAT_FWCFG_H

#include "kern/types.h"

/*
 * Finds a file: its size, and its key in *key; -ENOENT. Works before memory
 * management; reading takes a physical address (DMA).
 */
long fwcfg_find(const char *name, uint16_t *key);
int fwcfg_read(uint16_t key, uint64_t pa, uint32_t len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C (Castagnoli), as EROFS and VHDX use it. */
#ifndef DISK_CRC32C_H
#define DISK_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Reflected, begun with all ones; not inverted at the end. */
uint32_t crc32c(const uint8_t *p, size_t n);

#endif

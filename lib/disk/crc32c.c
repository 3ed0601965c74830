/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C (Castagnoli), bit by bit: what it is used for is small. */
#include "disk/crc32c.h"

uint32_t crc32c(const uint8_t *p, size_t n)
{
	uint32_t crc = ~0u;

	while (n--) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return crc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's firmware configuration device (docs/specs/fw_cfg). */
#include "plat/fwcfg.h"
#include "arch/x86_64/io.h"
#include "kern/string.h"

#include <linux/errno.h>
#include <linux/qemu_fw_cfg.h>

enum {
	PORT_SELECT = 0x510,
	PORT_DATA = 0x511,
	PORT_DMA = 0x514,
	NAME_SIZE = 56,
};

struct dma {
	uint32_t control, length; /* big endian, as the address */
	uint64_t address;
};

struct entry {
	uint32_t size; /* big endian */
	uint16_t select, reserved;
	char name[NAME_SIZE];
};
_Static_assert(sizeof(struct entry) == 64, "fw_cfg.rst");

/* Addresses are physical ones; the device is done when the port write is. */
static int dma(uint32_t control, uint64_t pa, uint32_t len)
{
	volatile struct dma d = {
		.control = __builtin_bswap32(control | FW_CFG_DMA_CTL_READ),
		.length = __builtin_bswap32(len),
		.address = __builtin_bswap64(pa),
	};
	uint64_t at = (uint64_t)&d;
	uint32_t left;

	barrier();
	port_out32(PORT_DMA, __builtin_bswap32(at >> 32));
	port_out32(PORT_DMA + 4, __builtin_bswap32((uint32_t)at));
	do
		left = __builtin_bswap32(d.control);
	while (left & ~FW_CFG_DMA_CTL_ERROR);
	return left ? -EIO : 0;
}

static bool present(void)
{
	uint32_t sig = 0;

	port_out16(PORT_SELECT, FW_CFG_SIGNATURE);
	for (int i = 0; i < 4; i++)
		sig = sig << 8 | port_in8(PORT_DATA);
	if (sig != 0x51454d55) /* "QEMU" */
		return false;
	port_out16(PORT_SELECT, FW_CFG_ID);
	return port_in8(PORT_DATA) & FW_CFG_VERSION_DMA;
}

long fwcfg_find(const char *name, uint16_t *key)
{
	struct entry e[16];
	uint32_t n;

	if (!present() ||
		dma((uint32_t)FW_CFG_FILE_DIR << 16 | FW_CFG_DMA_CTL_SELECT,
			(uint64_t)&n, sizeof(n)))
		return -ENOENT;
	n = __builtin_bswap32(n);
	for (unsigned i = 0; i < n; i++) {
		const struct entry *at = &e[i % ARRAY_SIZE(e)];

		if (at == e && dma(0, (uint64_t)e, sizeof(e)))
			return -ENOENT;
		if (!strncmp(at->name, name, NAME_SIZE)) {
			*key = __builtin_bswap16(at->select);
			return __builtin_bswap32(at->size);
		}
	}
	return -ENOENT;
}

int fwcfg_read(uint16_t key, uint64_t pa, uint32_t len)
{
	return dma((uint32_t)key << 16 | FW_CFG_DMA_CTL_SELECT, pa, len);
}

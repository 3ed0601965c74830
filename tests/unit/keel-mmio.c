/* SPDX-License-Identifier: Apache-2.0 */
/* keel's virtio over MMIO: how devices are named, and their registers; the
 * entropy device stands for all. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "drivers/random.h"
#include "drivers/virtq.h"
#include "keel-fake.h"

/* --- the machine: one page of registers ---------------------------------- */
static uint32_t regs[128]; /* as they were written last */
static uint64_t mapped_pa, mapped_size;
static int attached_irq;
static arch_irq_fn *handler;
static void *handler_arg;

void *arch_map_device(uint64_t pa, size_t size)
{
	mapped_pa = pa;
	mapped_size = size;
	return regs;
}

int arch_irq_attach(int irq, bool level, arch_irq_fn *fn, void *arg)
{
	CHECK(!level);
	attached_irq = irq;
	handler = fn;
	handler_arg = arg;
	return 0;
}

static uint8_t added[256];
static size_t nadded;

void random_add(const void *p, size_t n)
{
	CHECK(nadded + n <= sizeof(added));
	memcpy(added + nadded, p, n);
	nadded += n;
}

static void machine(const char *option, uint32_t version)
{
	memset(regs, 0, sizeof(regs));
	regs[0] = 0x74726976;
	regs[1] = version;
	regs[2] = 4;
	regs[0x34 / 4] = 8; /* queue size; features, too, read as 0 or 8 */
	mapped_pa = mapped_size = 0;
	attached_irq = -1;
	handler = NULL;
	nadded = 0;
	fake_option = option;
	virtio_mmio_init();
}

static void names(void)
{
	static const struct {
		const char *option;
		uint64_t size, pa;
		int irq;
	} good[] = {
		{"512@0xfeb00e00:12", 512, 0xfeb00e00, 12},
		{"4K@0xd0000000:5 quiet", 4096, 0xd0000000, 5},
		{"0x200@0xFEB00000:0x1f:7", 512, 0xfeb00000, 31},
		{"1m@4096:0", 1 << 20, 4096, 0},
	};
	static const char *const bad[] = {"", "512", "512@", "512@0xfeb00e00",
		"512@0xfeb00e00:", "512@0xfeb00e00:1x", "512:1@2",
		"@:", "255@0xfeb00000:1", "512@0xffffffffffffff00:1",
		"512@0xfeb00e00:99999", "x@y:z", "512@0xg:1"};
	unsigned i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		machine(good[i].option, 1);
		CHECK(mapped_pa == good[i].pa && mapped_size == good[i].size);
		CHECK(attached_irq == good[i].irq);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		machine(bad[i], 1);
		CHECK(attached_irq == -1);
	}
}

static void strangers(void)
{
	machine("512@0xfeb00e00:12", 3);
	CHECK(attached_irq == -1);
	machine("512@0xfeb00e00:12", 0);
	CHECK(attached_irq == -1);
}

/* Fills the request that the driver made of the legacy registers. */
static void legacy_device(void)
{
	uint8_t *ring;
	uint64_t pa;
	uint32_t len, elem[2] = {0, 64};

	machine("512@0xfeb00e00:12", 1);
	CHECK(regs[0x28 / 4] == 4096 && regs[0x3c / 4] == 4096);
	CHECK(regs[0x38 / 4] == 2 && regs[0x70 / 4] == 7);
	CHECK(handler && handler_arg);
	ring = (uint8_t *)(uintptr_t)(fake_pa_base +
				      (uint64_t)regs[0x40 / 4] * 4096);
	memcpy(&pa, ring, 8);
	memcpy(&len, ring + 8, 4);
	CHECK(len == 64 && regs[0x50 / 4] == 0);
	memset((void *)(uintptr_t)(fake_pa_base + pa), 0x5a, 64);
	memcpy(ring + 4096 + 4, elem, 8);
	ring[4096 + 2] = 1;
	regs[0x60 / 4] = 0;
	handler(handler_arg);
	CHECK(nadded == 0); /* not this device's interrupt */
	regs[0x60 / 4] = 1;
	handler(handler_arg);
	CHECK(nadded == 64 && added[0] == 0x5a && added[63] == 0x5a);
	CHECK(regs[0x64 / 4] == 1);
}

/* The fake registers keep no FEATURES_OK apart, and have no VERSION_1. */
static void modern_needs_version_1(void)
{
	machine("512@0xfeb00e00:12", 2);
	CHECK(attached_irq == 12);
	CHECK(regs[0x70 / 4] == VIRTIO_S_FAILED);
}

int main(void)
{
	static const struct fake_test tests[] = {
		{"devices are named as Linux names them", names},
		{"other versions are left alone", strangers},
		{"a legacy device, its interrupt and its data", legacy_device},
		{"a modern device without VERSION_1 is refused",
			modern_needs_version_1},
	};

	/* Legacy devices know 32 bits of page number, which ASan's memory
	 * is beyond. */
	void *p = malloc(1);

	fake_pa_base = (uintptr_t)p & ~((1ull << 43) - 1);
	free(p);
	return fake_run(tests, sizeof(tests) / sizeof(tests[0]));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* ACPI tables: from the root pointer that the loader gave. */
#include "plat/acpi.h"
#include "arch/arch.h"
#include "kern/boot.h"
#include "kern/string.h"

struct rsdp {
	char signature[8];
	uint8_t checksum;
	char oem[6];
	uint8_t revision;
	uint32_t rsdt_pa, length;
	uint64_t xsdt_pa; /* from revision 2 on */
} __attribute__((packed));

enum { TABLE_MAX = 1 << 20 };

const struct acpi_header *acpi_table(uint64_t pa)
{
	const struct acpi_header *h =
		pa ? arch_map_device(pa, sizeof(*h)) : NULL;

	if (!h || h->length < sizeof(*h) || h->length > TABLE_MAX)
		return NULL;
	return arch_map_device(pa, h->length);
}

/* The root table: its entries are 8 bytes each, or 4 in an old one. */
static const struct acpi_header *root_table(unsigned *entry_size)
{
	const struct rsdp *r;

	if (!boot_info.rsdp_pa)
		return NULL;
	r = arch_map_device(boot_info.rsdp_pa, sizeof(*r));
	if (!r || memcmp(r->signature, "RSD PTR ", 8) != 0)
		return NULL;
	*entry_size = r->revision >= 2 && r->xsdt_pa ? 8 : 4;
	return acpi_table(*entry_size == 8 ? r->xsdt_pa : r->rsdt_pa);
}

const struct acpi_header *acpi_find(const char signature[4])
{
	static const struct acpi_header *root;
	static unsigned size;

	if (!root)
		root = root_table(&size);
	if (!root)
		return NULL;
	for (unsigned at = sizeof(*root); at + size <= root->length;
		at += size) {
		const struct acpi_header *h;
		uint64_t pa = 0;

		memcpy(&pa, (const char *)root + at, size);
		h = arch_map_device(pa, sizeof(*h));
		if (h && !memcmp(h->signature, signature, 4))
			return acpi_table(pa);
	}
	return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* ACPI tables (ACPI specification 6.4, chapter 5). */
#ifndef PLAT_ACPI_H
#define PLAT_ACPI_H

#include "kern/types.h"

struct acpi_header {
	char signature[4];
	uint32_t length; /* of all of the table */
	uint8_t revision, checksum;
	char oem[6], oem_table[8];
	uint32_t oem_revision, creator, creator_revision;
};
_Static_assert(sizeof(struct acpi_header) == 36, "ACPI 5.2.6");

/* The first table with this signature, mapped for good; NULL without one
 * or without ACPI. */
const struct acpi_header *acpi_find(const char signature[4]);
/* The table at an address, mapped for good; NULL if it is none. */
const struct acpi_header *acpi_table(uint64_t pa);

#endif

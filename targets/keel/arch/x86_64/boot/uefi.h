/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the UEFI interface that the loader uses (UEFI 2.10). */
#ifndef BOOT_UEFI_H
#define BOOT_UEFI_H

#include <stdint.h>

#define EFIAPI __attribute__((ms_abi))

#define EFI_ERROR            (1ull << 63)
#define EFI_BUFFER_TOO_SMALL (EFI_ERROR | 5)

enum { EFI_PAGE = 4096 };

enum efi_allocate { EFI_ANY_PAGES, EFI_MAX_ADDRESS, EFI_AT_ADDRESS };

enum efi_memory { /* 7.2, EFI_MEMORY_TYPE */
	EFI_LOADER_CODE = 1,
	EFI_LOADER_DATA,
	EFI_BOOT_CODE,
	EFI_BOOT_DATA,
	EFI_CONVENTIONAL = 7,
	EFI_UNUSABLE,
	EFI_ACPI_RECLAIM,
	EFI_ACPI_NVS,
};

struct efi_guid {
	uint32_t a;
	uint16_t b, c;
	uint8_t d[8];
};

struct efi_descriptor { /* the firmware says how long one really is */
	uint32_t type, zero;
	uint64_t pa, va, npages, attributes;
};

struct efi_text_output {
	void *reset;
	uint64_t(EFIAPI *output)(struct efi_text_output *, const uint16_t *);
};

struct efi_boot_services { /* 4.4; unused ones are grouped */
	uint64_t header[3];
	void *tpl[2];
	uint64_t(EFIAPI *allocate_pages)(enum efi_allocate how,
		enum efi_memory type, uint64_t npages, uint64_t *pa);
	void *free_pages;
	uint64_t(EFIAPI *get_memory_map)(uint64_t *size, void *map,
		uint64_t *key, uint64_t *descriptor_size, uint32_t *version);
	void *pool[2];
	void *event[6];
	void *protocol[3];
	uint64_t(EFIAPI *handle_protocol)(void *handle,
		const struct efi_guid *protocol, void **interface);
	void *locate[5];
	void *image[4];
	uint64_t(EFIAPI *exit_boot_services)(void *image, uint64_t key);
};

struct efi_table {
	struct efi_guid guid;
	void *table;
};

struct efi_system_table { /* 4.3 */
	uint64_t header[3];
	uint16_t *vendor;
	uint64_t revision;
	void *con_in_handle, *con_in;
	void *con_out_handle;
	struct efi_text_output *con_out;
	void *std_err_handle, *std_err;
	void *runtime;
	struct efi_boot_services *boot;
	uint64_t ntables;
	struct efi_table *tables;
};

struct efi_loaded_image { /* 9.1.1 */
	uint32_t revision;
	void *parent;
	struct efi_system_table *system;
	void *device, *path, *reserved;
	uint32_t options_size;
	void *options;
	uint8_t *base;
	uint64_t size;
};

_Static_assert(
	__builtin_offsetof(struct efi_boot_services, exit_boot_services) == 232,
	"boot services");
_Static_assert(__builtin_offsetof(struct efi_system_table, tables) == 112,
	"system table");
_Static_assert(__builtin_offsetof(struct efi_loaded_image, base) == 64,
	"loaded image");

#endif

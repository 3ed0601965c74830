/* SPDX-License-Identifier: Apache-2.0 */
/* Why a file is in an image of Slipway, and what it makes the image for. */
#include "inspect/origin.h"

#include <stddef.h>
#include <string.h>

#include "build/bill.h"
#include "inspect/reasons.h"

static const struct {
	const char *path;
	const char *boot; /* or NULL */
	const char *why;
} known[] = {
	{".boot/kernel", "kernel (PVH)",
		"the kernel, for launcher and engines"},
	{"disk/disk.img", "containerDisk (BIOS, UEFI)",
		"the disk: root filesystem, and for engines that boot disks"},
	{"slipway/launch", "container",
		"the launcher, entry point of the image"},
	{"slipway/health", NULL, "the launcher's name for health checks"},
	{"slipway/listen.so", NULL,
		"opens ports only while the program listens"},
	{"slipway/vm.json", NULL, "the machine that the launcher starts"},
	{"slipway/explain.json", NULL, "the record of the kernel's link"},
	{REASONS_IMAGE_PATH, NULL, "why each file of the disk is there"},
	{BILL_SBOM, NULL, "the SBOM: what is in the image"},
	{BILL_PROVENANCE, NULL, "how the image was built"},
	{"urunc.json", "urunc", "for urunc"},
	{".krun_vm.json", "krun", "for krun"},
};

/* The layer that brings QEMU: lib/image/vmm.c. */
static const struct {
	const char *part; /* of the path */
	const char *why;
} monitor[] = {
	{"usr/bin/", "the virtual machine monitor"},
	{"/qemu/", "firmware and modules of the monitor"},
	{"/seabios/", "firmware of the monitor"},
	{".so", "a library that the monitor needs"},
	{"lib", "where the monitor looks for libraries"},
};

const char *origin_of(const char *path, const char *comment)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(path, known[i].path))
			return known[i].why;
	if (strcmp(comment, "virtual machine monitor") != 0)
		return NULL;
	for (i = 0; i < sizeof(monitor) / sizeof(*monitor); i++) {
		const char *at = strstr(path, monitor[i].part);

		/* A folder itself is there for what is in it. */
		if (at && path[strlen(path) - 1] != '/')
			return monitor[i].why;
	}
	return NULL;
}

const char *origin_boot(const char *path)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(path, known[i].path))
			return known[i].boot;
	return NULL;
}

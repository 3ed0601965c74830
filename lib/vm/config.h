/* SPDX-License-Identifier: Apache-2.0 */
/* vm.json: what `slipway build` leaves for the launcher and `slipway run`. */
#ifndef VM_CONFIG_H
#define VM_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

#define VM_CONFIG_PATH "/slipway/vm.json" /* in an image */

/*
 * In a build folder the file is NAME/vm.json beside `kernel` and the disk,
 * in an image it is VM_CONFIG_PATH. Paths in it are absolute, or relative
 * to the folder that holds it. In a container argv[1..], environment and
 * working directory are the container's own; the ones here are defaults
 * (no argument at all, a variable that is not set, a directory "/"), so
 * that an image made by a plain Dockerfile behaves as the manifest says.
 */
struct vm_config {
	char *name;      /* the application; argv[0] of the program */
	char *machine;   /* "microvm", "q35" or "pc" */
	uint64_t memory; /* bytes, where no limit of a container says else */
	uint64_t memory_min; /* bytes, what its base needs; 0: very little */
	unsigned cpus, cpus_max; /* what its base can use; default 1 */
	struct strv args;        /* argv[1..] */
	struct strv env;         /* K=V */
	char *workdir;
	char *hostname;    /* NULL: the container's; `slipway run`: name */
	unsigned network;  /* has sockets, so that it needs a card; default 1 */
	struct strv ports; /* "8080/tcp", "53/udp": what the image exposes */
	struct strv volumes;
	struct strv exclusive; /* of the volumes: vm_volumes_claim */
	char *stop_signal;     /* "SIGTERM" */
	unsigned stop_timeout_s;
	unsigned drain_ms;  /* of a server's requests, before the signal */
	unsigned health_ms; /* of the guest's health command; 0: none */
	char *kernel;       /* PVH ELF; NULL: boots from the disk */
	char *disk;         /* raw disk the program reads from, or NULL */
	char *qemu;         /* "qemu-system-x86_64": in PATH; or a path */
	char *firmware;     /* folder for QEMU's -L, or NULL: its own */
};

/* Sets the defaults of everything but name, kernel and disk. */
void vm_config_init(struct vm_config *c);
void vm_config_free(struct vm_config *c);

/* stop_timeout_s for a vm_plan: 0 seconds are the least there, not none. */
unsigned vm_config_stop_ms(const struct vm_config *c);

/* The number of stop_signal; SIGTERM if nobody knows it. */
int vm_config_stop_signal(const struct vm_config *c);

/* The file's bytes; the same config gives the same bytes. */
void vm_config_write(const struct vm_config *c, struct buf *out);

/*
 * Reads a file; unknown keys, wrong types and missing name are errors.
 * Relative paths are joined to the file's folder. `root` is put before
 * absolute paths of kernel and disk (an unpacked image), NULL: nothing.
 */
int vm_config_read(const char *path, const char *root, struct vm_config *out,
	struct err *e);

#define _vm_config_ __attribute__((cleanup(vm_config_free)))

#endif

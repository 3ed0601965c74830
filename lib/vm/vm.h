/* SPDX-License-Identifier: Apache-2.0 */
/* One virtual machine: what to start, and running it to its end. */
#ifndef VM_VM_H
#define VM_VM_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "vm/net.h"

enum vm_accel { VM_ACCEL_AUTO, VM_ACCEL_KVM, VM_ACCEL_TCG };
/* "auto", "kvm", "tcg"; -EINVAL for any other. */
int vm_accel_parse(const char *name, enum vm_accel *out);

struct vm_volumes;

/* A file that replaces one of the guest's root. */
struct vm_file {
	char *path; /* in the guest, absolute */
	struct buf data;
};

/*
 * Everything is borrowed; a plan that is all zero but for `machine`,
 * `memory`, `argv` and one of kernel and disk is complete.
 */
struct vm_plan {
	const char *qemu; /* NULL: "qemu-system-x86_64"; in PATH or a path */
	const char *firmware; /* folder for -L; NULL: QEMU's own */
	const char *machine;  /* "microvm", "q35", "pc" */
	enum vm_accel accel;
	uint64_t memory;         /* of the guest, bytes; whole MiB are used */
	uint64_t memory_min;     /* bytes it needs; for vm_fit_container */
	unsigned cpus, cpus_max; /* what the guest can use; 0 is 1 */
	unsigned code_cache_mib; /* of an emulated processor; 0: 32 */
	const char *kernel; /* PVH ELF; NULL: the firmware boots the disk */
	const char *disk;   /* opened read-only; NULL: none */
	const char *disk_format; /* NULL: "raw" */

	char *const *argv;          /* of the program; argv[0] is its name */
	char *const *env;           /* NULL: none */
	const char *cwd, *hostname; /* NULL: "/", "localhost" */
	const struct vm_file *files;
	size_t nfiles;
	const struct vm_net *net;         /* NULL: no card */
	const struct vm_volumes *volumes; /* vm/volume.h; NULL: none */

	unsigned stop_timeout_ms; /* 0: VM_STOP_MS */
	unsigned drain_ms;  /* what RECORD_DRAIN says; 0: no such record */
	int stop_signal;    /* that begins it, beside SIGTERM; 0: none */
	unsigned health_ms; /* vm/ask.h is there, for so long; 0: it is not */
	int verbose; /* kernel log, the command and the accelerator: stderr */
	int serial;  /* no record, no channel: COM1 is stdin and stdout */
};

/* How long a program may take to end after SIGTERM before it is ended. */
#define VM_STOP_MS 10000

/* Status of a run in which the machine failed, not the program. */
#define VM_EXIT_FAILED 125

/*
 * QEMU's command line. The descriptors are of the calling process and must
 * be inherited: the channel, the serial port and the monitor (sockets) and
 * the record (a file); -1: none. Those of tap cards too.
 */
struct vm_fds {
	int chan, serial, monitor, record;
};
int vm_plan_command(const struct vm_plan *p, const struct vm_fds *fds,
	enum vm_accel accel, struct strv *argv, struct err *e);

/* A path for an option list of QEMU's: a comma is written twice. Caller
 * frees. */
char *vm_plan_escape(const char *path);

/*
 * Starts the machine and serves it until the program ends. Returns its
 * exit status 0..255 (128+N for a fatal signal), or a negative errno and
 * *e when the machine failed (the caller exits VM_EXIT_FAILED). Uses
 * descriptors 0 to 2 as the program's, blocks and takes over the signals of
 * the calling process, ends QEMU on every way out, and reaps any children
 * (so it can be process 1). Without a channel (`serial`) the status is 0
 * when the machine switched itself off.
 */
int vm_run(const struct vm_plan *p, struct err *e);

/*
 * Descriptors 0 to 2 that were closed become /dev/null, so that nothing else
 * gets their numbers. For the first line of a main.
 */
void vm_open_std_fds(void);

/*
 * In a container with a limit of processors: as many whole ones, as far as the
 * guest can use them. With a memory limit: the guest gets what QEMU itself does
 * not need of it, QEMU a smaller cache; without a limit nothing changes.
 * -ENOMEM: too small, with the number that is enough in *e.
 */
int vm_fit_container(struct vm_plan *p, struct err *e);

/* True if KVM really executes code: a tiny guest proved it. If not, *why
 * is a short text. */
int vm_kvm_works(const char **why);

#endif

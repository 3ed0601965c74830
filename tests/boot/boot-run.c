/* SPDX-License-Identifier: Apache-2.0 */
/* Boots a kernel or disk as `slipway run` does, with any machine and QEMU. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "vm/vm.h"

extern char **environ;

static int usage(void)
{
	fprintf(stderr, "usage: boot-run [-k KERNEL] [-d DISK] [-M MACHINE] "
			"[-m MIB] [-q QEMU] [-s] [-v] NAME [ARG...]\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct err e = {0};
	struct vm_plan p = {
		.qemu = getenv("QEMU"),
		.machine = "microvm",
		.accel = VM_ACCEL_TCG,
		.memory = 64 << 20,
		.env = environ,
	};
	int c, r;

	while ((c = getopt(argc, argv, "+k:d:M:m:q:sv")) != -1) {
		switch (c) {
		case 'k':
			p.kernel = optarg;
			break;
		case 'd':
			p.disk = optarg;
			break;
		case 'M':
			p.machine = optarg;
			break;
		case 'm':
			p.memory = strtoull(optarg, NULL, 10) << 20;
			break;
		case 'q':
			p.qemu = optarg;
			break;
		case 's':
			p.serial = 1;
			break;
		case 'v':
			p.verbose = 1;
			break;
		default:
			return usage();
		}
	}
	if (optind == argc || (!p.kernel && !p.disk))
		return usage();
	p.argv = argv + optind;
	vm_open_std_fds();
	r = vm_run(&p, &e);
	if (r >= 0)
		return r;
	fprintf(stderr, "boot-run: %s\n", e.msg);
	return VM_EXIT_FAILED;
}

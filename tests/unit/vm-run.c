/* SPDX-License-Identifier: Apache-2.0 */
/* vm_run from the command line: vm-run QEMU NAME ARG... */
#include <stdio.h>
#include <stdlib.h>

#include "vm/vm.h"

extern char **environ;

int main(int argc, char **argv)
{
	struct err e = {0};
	struct vm_plan p = {
		.qemu = argv[1],
		.machine = "microvm",
		.accel = VM_ACCEL_TCG,
		.memory = 16 << 20,
		.kernel = "/dev/null",
		.argv = argv + 2,
		.env = environ,
		.stop_timeout_ms = 1000,
		.verbose = getenv("VERBOSE") != NULL,
	};
	int r;

	if (argc < 3)
		return 2;
	vm_open_std_fds();
	r = vm_run(&p, &e);
	if (r >= 0)
		return r;
	fprintf(stderr, "vm-run: %s\n", e.msg);
	return VM_EXIT_FAILED;
}

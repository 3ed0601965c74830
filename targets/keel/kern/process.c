/* SPDX-License-Identifier: Apache-2.0 */
/* The start of the program: its first stack. */
#include "kern/main.h"
#include "arch/arch.h"
#include "kern/log.h"

void process_start(void)
{
	kmsg("hello from keel\n");
	machine_exit(0);
}

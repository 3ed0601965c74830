/* SPDX-License-Identifier: Apache-2.0 */
/* The order of boot, after the CPU's own start. */
#ifndef KERN_MAIN_H
#define KERN_MAIN_H

#include "kern/types.h"

/* Entered on the boot stack at the image's final address. */
noreturn void kern_main(void);

/* kern/record.c: where the record is; checked at the first use. */
void record_init(const void *record, uint64_t size);

/* kern/process.c: makes the initial stack and runs the program. */
noreturn void process_start(void);
extern uint64_t process_auxv; /* where its auxiliary vector is */

#endif

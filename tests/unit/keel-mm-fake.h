/* SPDX-License-Identifier: Apache-2.0 */
/* A machine for keel's mm on the host: memory, page tables, log. */
#ifndef KEEL_MM_FAKE_H
#define KEEL_MM_FAKE_H

#include <setjmp.h>

#include "kern/types.h"

/* Memory of these sizes in bytes: below 640 KiB, from 1 MiB on (with an
 * image of 128 KiB at its start), from 4 GiB on. Calls page_init. */
void fake_machine(uint64_t mid, uint64_t high);
/* Bytes of the machine's memory that have ever been touched. */
uint64_t fake_touched(void);

/* One access of the CPU, with faults handled: 0, or the signal. The value is
 * the first word of the page. */
int fake_load(uint64_t va, uint64_t *value);
int fake_store(uint64_t va, uint64_t value);
int fake_fetch(uint64_t va);
unsigned fake_mapped(void); /* pages in the page tables */

/* machine_exit sets fake_status and jumps to fake_exit. */
extern jmp_buf fake_exit;
extern int fake_status;

/* TAP. */
void ok(bool good, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A part that needs a machine of its own: `n` tests in another process. */
void ok_apart(void (*part)(void), int n);
int done_testing(void);

#endif

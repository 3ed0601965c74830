/* SPDX-License-Identifier: Apache-2.0 */
/* Backtraces with names. */
#ifndef KERN_BACKTRACE_H
#define KERN_BACKTRACE_H

#include "kern/types.h"

/* Shows (kmsg) the call chain of code at `pc` with frame pointer `fp`. */
void backtrace_show(uint64_t pc, uint64_t fp);

/*
 * The function that holds `pc` and how far in it is; NULL if unknown. The
 * names are the section .keel.symbols of the final link: functions in
 * address order, each as a ULEB128 of the distance from the one before
 * (the first: from keel_text_start) and its name with a NUL.
 */
const char *symbol_find(uint64_t pc, uint64_t *offset);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Backtraces with names. */
#ifndef KERN_BACKTRACE_H
#define KERN_BACKTRACE_H

#include "kern/types.h"

/*
 * Shows (kmsg) the call chain of the program: the chain of frame pointers,
 * and return addresses found on the stack where functions have none (the C
 * library). These may be left over from calls that have returned.
 */
void backtrace_show(uint64_t pc, uint64_t fp, uint64_t sp);
/* Shows keel's own at `pc`: keel has no frame pointers, so these are return
 * addresses found from `sp` to the top of the thread's kernel stack. Some
 * may be left over from calls that have returned. */
void backtrace_keel(uint64_t pc, uint64_t sp);

/*
 * The function that holds `pc` (its name, cut to SYMBOL_MAX - 1) and how far
 * in it is; false if unknown. The names are the section .keel.symbols of the
 * final link: chunks by address, each
 *   how far its first function is from keel_text_start, 32 bits;
 *   the size of the rest, 16 bits;
 *   an LZ4 block that unpacks to SYMBOLS_CHUNK bytes at most: functions in
 *   address order, each as
 *     the distance from the one before (the first: zero) as ULEB128;
 *     how many characters the name shares with the one before, a byte;
 *     the rest of the name, one or more, the last with bit 7 set.
 * "keel_" at the start of a name is left out.
 */
enum { SYMBOL_MAX = 64, SYMBOLS_CHUNK = 8192 };
bool symbol_find(uint64_t pc, char name[SYMBOL_MAX], uint64_t *offset);

#endif

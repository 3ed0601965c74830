/* SPDX-License-Identifier: Apache-2.0 */
/* The vector units' state in signal frames, laid out as Linux does. */
#ifndef ARCH_X86_64_SIGNAL_FPU_H
#define ARCH_X86_64_SIGNAL_FPU_H

#include "kern/types.h"

/* What it takes in a frame, without alignment (64). */
size_t signal_fpu_size(void);
/* Writes the state to the program's memory, then the units are as at the
 * start of a program; -EFAULT. */
int signal_fpu_put(uint64_t va);
/* Reads it back; va 0: as at the start. -EFAULT. */
int signal_fpu_get(uint64_t va);
/* si_code of the exception that is pending in x87 or SSE. */
int signal_fpu_code(bool x87);

/* signal_xsave.S */
int signal_fpu_save(void *area, uint64_t features);
int signal_fpu_load(const void *area, uint64_t features);

#endif

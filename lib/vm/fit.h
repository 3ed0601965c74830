/* SPDX-License-Identifier: Apache-2.0 */
/* Does a kernel fit into the memory that its machine would have? */
#ifndef VM_FIT_H
#define VM_FIT_H

#include <stdint.h>

#include "core/err.h"

/*
 * A kernel that is not wholly in memory cannot even say so. 0 if the file
 * is no ELF kernel or fits; -ENOMEM and the size that is needed in *e.
 */
int vm_kernel_fits(const char *kernel, uint64_t memory, struct err *e);

#endif

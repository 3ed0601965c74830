/* SPDX-License-Identifier: Apache-2.0 */
/* The program's memory, touched with faults caught: a bad pointer is EFAULT. */
#ifndef MM_UACCESS_H
#define MM_UACCESS_H

#include "kern/types.h"

/* 0 or -EFAULT. They may sleep (demand paging from a file). */
int copy_from_user(void *dst, const void *user_src, size_t n);
int copy_to_user(void *user_dst, const void *src, size_t n);
int zero_user(void *user_dst, size_t n);
/* Length without the NUL, -EFAULT, or -ENAMETOOLONG if no NUL in `size`. */
long strncpy_from_user(char *dst, const char *user_src, size_t size);
/* Makes *user_dst `new` if it is *old, at once; *old becomes what it was. */
int swap_user(uint32_t *user_dst, uint32_t *old, uint32_t new);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Small memory for keel itself. */
#ifndef MM_KMALLOC_H
#define MM_KMALLOC_H

#include "kern/types.h"

/* NULL when memory is short. 16-byte aligned; whole pages are aligned. */
void *kmalloc(size_t size);
void *kzalloc(size_t size);
void *krealloc(void *p, size_t size);
void kfree(void *p); /* accepts NULL */

#endif

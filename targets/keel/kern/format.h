/* SPDX-License-Identifier: Apache-2.0 */
/* Formatted text with an argument list; see kern/log.h for the rest. */
#ifndef KERN_FORMAT_H
#define KERN_FORMAT_H

#include "kern/types.h"

#include <stdarg.h>

/* The length that all of it takes, as vsnprintf(3). */
int kvsnprintf(char *dst, size_t size, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

#endif

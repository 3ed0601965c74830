/* SPDX-License-Identifier: Apache-2.0 */
/* What lwIP finds as <stdlib.h>. */
#ifndef NET_SHIM_STDLIB_H
#define NET_SHIM_STDLIB_H

int atoi(const char *s); /* only for a function that nobody calls */

#endif

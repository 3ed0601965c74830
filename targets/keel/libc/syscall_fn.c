/* SPDX-License-Identifier: Apache-2.0 */
/* syscall() of a number that is known when the caller is compiled. */
#include <stdarg.h>

#include "syscall.h"

/* Called by bits/keel_syscall.h (headers.sh) with the call itself. */
long __keel_syscall(keel_fn *, ...);

long __keel_syscall(keel_fn *fn, ...)
{
	long a[6];
	va_list ap;

	va_start(ap, fn);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	return __syscall_ret(fn(a[0], a[1], a[2], a[3], a[4], a[5]));
}

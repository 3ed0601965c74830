/* SPDX-License-Identifier: Apache-2.0 */
/* What C++ calls in place of a method that has no body. */
#include <stdlib.h>

void __cxa_pure_virtual(void);

void __cxa_pure_virtual(void)
{
	abort();
}

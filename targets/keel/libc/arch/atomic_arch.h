/* SPDX-License-Identifier: Apache-2.0 */
/* musl's atomics, with an end that is SIGSEGV in a kernel too. */
#include_next "atomic_arch.h"

/* musl uses hlt, which a program at the highest privilege may execute. */
#undef a_crash
#define a_crash keel_crash
static inline void keel_crash(void)
{
	__asm__ __volatile__("mov %0,(%0)" : : "r"(0UL) : "memory");
	__builtin_unreachable();
}

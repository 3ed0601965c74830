/* SPDX-License-Identifier: Apache-2.0 */
/* musl's atomics, but for what a kernel of ours does otherwise. */
#include_next "atomic_arch.h"

/* musl uses hlt, which a program at the highest privilege may execute. */
#undef a_crash
#define a_crash keel_crash
static inline void keel_crash(void)
{
	__asm__ __volatile__("mov %0,(%0)" : : "r"(0UL) : "memory");
	__builtin_unreachable();
}

/* Who waits for another thread spins for a moment: on one CPU in vain, and
 * `pause` is slow where it is emulated. */
#undef a_spin
#define a_spin keel_spin
static inline void keel_spin(void)
{
	__asm__ __volatile__("" : : : "memory");
}

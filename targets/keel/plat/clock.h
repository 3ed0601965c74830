/* SPDX-License-Identifier: Apache-2.0 */
/* The measure of the time-stamp counter; see kern/time.h for time itself. */
#ifndef PLAT_CLOCK_H
#define PLAT_CLOCK_H

#include "kern/types.h"

/*
 * Cycles a second by a measurement of 200 us against the APIC timer (of
 * QEMU without KVM: 1 GHz) or the PIT; when nothing tells the frequency.
 * clock_measure_again, called at any times, gives a better value when the
 * longer time allows one, else 0.
 */
uint64_t clock_measure(void);
uint64_t clock_measure_again(uint64_t now);
/* Whether the APIC timer is known to run at 1 GHz, so that it may be the
 * reference: timer_set stops that while it needs it, then starts it anew. */
bool clock_apic_is_known(void);
void clock_measure_start(void);
void clock_measure_stop(void);

/* The cycle counter at a monotonic time; 0: it is not told how fast the
 * counter runs, so nothing may rely on it. */
uint64_t clock_ns_to_cycles(uint64_t ns);

#endif

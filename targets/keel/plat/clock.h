/* SPDX-License-Identifier: Apache-2.0 */
/* The measure of the time-stamp counter; see kern/time.h for time itself. */
#ifndef PLAT_CLOCK_H
#define PLAT_CLOCK_H

#include "kern/types.h"

/*
 * Cycles a second by a short measurement (200 us) against the PIT; called
 * when nothing tells the frequency. clock_measure_again, called at any
 * times, gives a better value when the longer time allows one, else 0.
 */
uint64_t clock_measure(uint64_t now);
uint64_t clock_measure_again(uint64_t now);

uint64_t clock_cycles_to_ns(uint64_t cycles);

/* The cycle counter at a monotonic time; 0: it is not told how fast the
 * counter runs, so nothing may rely on it. */
uint64_t clock_ns_to_cycles(uint64_t ns);

#endif

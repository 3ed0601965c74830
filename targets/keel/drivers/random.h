/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes for keel and for programs. */
#ifndef DRIVERS_RANDOM_H
#define DRIVERS_RANDOM_H

#include "kern/types.h"

/*
 * A ChaCha20 generator with fast key erasure, seeded at the first call from
 * the boot record, RDSEED/RDRAND, and the jitter of the cycle counter; a
 * virtio-rng device adds to it when it answers. Never sleeps or fails.
 */
void random_bytes(void *p, size_t n);
/* Mixes in `n` bytes; never makes the state worse. Any context. */
void random_add(const void *p, size_t n);

#endif

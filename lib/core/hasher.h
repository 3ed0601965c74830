/* SPDX-License-Identifier: Apache-2.0 */
/* The SHA-256 of a stream, by a thread of its own beside the caller's. */
#ifndef CORE_HASHER_H
#define CORE_HASHER_H

#include <stddef.h>

#include "core/digest.h"

/*
 * What is added is copied into a queue of about a megabyte; who is faster
 * waits. The thread begins when a stream proves to be long, and only where
 * this process has two processors: else the caller's own thread does it. It
 * takes no signals.
 */
struct hasher;

struct hasher *hasher_new(void);
void hasher_add(struct hasher *h, const void *p, size_t n);
/* Waits for the rest. Nothing can be added after it. */
struct digest_hex hasher_end(struct hasher *h);
void hasher_free(struct hasher *h); /* also before its end; NULL is one */

#endif

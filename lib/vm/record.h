/* SPDX-License-Identifier: Apache-2.0 */
/* The boot record's bytes: what the host tells the program before main. */
#ifndef VM_RECORD_H
#define VM_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * Builds abi/record.h in a buffer: record_begin, then items in any order
 * (arguments and environment in theirs), then record_end. The buffer must
 * be empty at the beginning and holds exactly the record at the end.
 */
void record_begin(struct buf *b);
void record_add(struct buf *b, uint32_t type, const void *p, size_t n);
void record_add_str(struct buf *b, uint32_t type, const char *s);
void record_add_u64(struct buf *b, uint32_t type, uint64_t v);
/* One item per string of a NULL-terminated list; a NULL list is empty. */
void record_add_list(struct buf *b, uint32_t type, char *const *v);
/* A file of the guest's root: absolute path and content. */
void record_add_file(struct buf *b, const char *path, const void *p, size_t n);
/* Fills in the size; -E2BIG if the guest would refuse it (RECORD_MAX). */
int record_end(struct buf *b, struct err *e);

/*
 * Walks a record of someone else: checks magic, version and size, then calls
 * `fn` for each item. Stops at the first result that is not 0 and returns
 * it. -EINVAL: not a record, or an item runs past the end.
 */
typedef int record_fn(
	uint32_t type, const void *p, size_t n, void *arg, struct err *e);
int record_walk(
	const void *rec, size_t size, record_fn *fn, void *arg, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The rest of keel as its files see it, on the host. */
#ifndef TESTS_KEEL_FS_FAKE_H
#define TESTS_KEEL_FS_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Memory: pages in all (may be lowered between tests), pages in use, and
 * the number of kmalloc and page_alloc calls until one fails (0: never). */
enum { FAKE_PAGES_MAX = 16384 };
extern uint64_t fake_pages, fake_pages_used;
extern unsigned fake_fail_in;
extern uint64_t fake_allocs; /* kmalloc without kfree */
void fake_shrink(void);      /* all that can be given back is */

/* The block device: an image in memory, or none. Requests are counted. */
extern const uint8_t *fake_image;
extern size_t fake_image_size;
extern unsigned fake_requests;
extern bool fake_disk_error;
struct block_device;
struct block_device *fake_disk(void);

/* The boot record: items back to back, ended by type 0. */
extern const void *fake_record;

extern unsigned fake_signals; /* signal_send_process */
extern uint64_t fake_now;     /* ns; sleeping moves it on */

/* What was written to standard output. */
extern char fake_out[65536];
extern size_t fake_out_len;

#endif

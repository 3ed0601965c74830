/* SPDX-License-Identifier: Apache-2.0 */
/* What mm keeps in `flags` of a struct page. */
#ifndef MM_PAGE_FLAGS_H
#define MM_PAGE_FLAGS_H

enum {
	PAGE_ORDER = 0xff,     /* of the block that begins here */
	PAGE_FREE = 1 << 8,    /* on a free list */
	PAGE_ANON = 1 << 9,    /* a mapping's own: nobody else reads it */
	PAGE_RDONLY = 1 << 10, /* in the direct map too: holds code */
};

#endif

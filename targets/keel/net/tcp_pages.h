/* SPDX-License-Identifier: Apache-2.0 */
/* Pages that are sent without a copy: each packet holds a reference. */
#ifndef NET_TCP_PAGES_H
#define NET_TCP_PAGES_H

#include "lwip/tcp.h"

struct page;

/* As tcp_write, of bytes in a page (or the first of a run); references are
 * held until they are acknowledged and no card has them. */
err_t tcp_write_page(struct tcp_pcb *pcb, struct page *page, const char *p,
	size_t n, bool more);
/* A run of pages for *n bytes, or for less of them; NULL: no memory. */
char *tcp_pages_alloc(size_t *n, struct page **page);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Pages that are sent without a copy: each packet holds a reference. */
#include "net/tcp_pages.h"

#include "lwip/priv/tcp_priv.h"

#include "mm/kmalloc.h"
#include "mm/page.h"
#include "net/tcp_large.h"
#include "net/tcp_table.h"

struct page_ref {
	struct pbuf_custom pc;
	struct page *page;
	struct page_ref *next; /* while not in use */
};

static void ref_free(struct pbuf *p)
{
	struct page_ref *r = container_of(p, struct page_ref, pc.pbuf);

	page_put(r->page);
	kfree(r);
}

static void free_unused(struct page_ref *r)
{
	while (r) {
		struct page_ref *next = r->next;

		kfree(r);
		r = next;
	}
}

static struct page_ref *refs_alloc(unsigned n)
{
	struct page_ref *list = NULL;

	while (n--) {
		struct page_ref *r = kmalloc(sizeof(*r));

		if (!r) {
			free_unused(list);
			return NULL;
		}
		r->next = list;
		list = r;
	}
	return list;
}

/* Takes the place of lwIP's pbuf, which only points to the bytes. */
static void replace(struct pbuf **at, struct page_ref *r, struct page *page)
{
	struct pbuf *old = *at, *p;

	page_get(page);
	r->page = page;
	r->pc.custom_free_function = ref_free;
	p = pbuf_alloced_custom(
		PBUF_RAW, old->len, PBUF_REF, &r->pc, old->payload, old->len);
	p->tot_len = old->tot_len;
	p->next = old->next;
	*at = p;
	old->next = NULL;
	pbuf_free(old);
}

err_t tcp_write_page(struct tcp_pcb *pcb, struct page *page, const char *p,
	size_t n, bool more)
{
	uint16_t segment = net_tcp_segment(pcb, false);
	uint32_t least = segment;
	struct tcp_seg *seg = pcb->unsent;
	struct page_ref *refs;
	err_t err;

	if (pcb->snd_wnd_max / 2) /* lwIP's own limit */
		least = MIN(least, pcb->snd_wnd_max / 2);
	refs = refs_alloc((unsigned)n / least + 2);
	if (!refs)
		return ERR_MEM;
	while (seg && seg->next)
		seg = seg->next;
	net_tcp_busy(pcb);
	err = net_tcp_write(
		pcb, p, (u16_t)n, segment, more ? TCP_WRITE_FLAG_MORE : 0);
	if (err) {
		free_unused(refs);
		return err;
	}
	for (seg = seg ? seg : pcb->unsent; seg; seg = seg->next) {
		for (struct pbuf **at = &seg->p; *at; at = &(*at)->next) {
			const char *q = (*at)->payload;
			struct page_ref *r = refs;

			if ((*at)->type_internal != PBUF_ROM || q < p ||
				q >= p + n || !r)
				continue;
			refs = r->next;
			replace(at, r, page);
		}
	}
	free_unused(refs);
	return ERR_OK;
}

char *tcp_pages_alloc(size_t *n, struct page **page)
{
	unsigned order = 0;
	char *va;

	while (PAGE_SIZE << order < *n)
		order++;
	va = pages_alloc(order, 0);
	while (!va && order) {
		order--;
		va = pages_alloc(order, 0);
	}
	if (!va)
		return NULL;
	*n = MIN(*n, PAGE_SIZE << order);
	*page = page_of_va(va);
	return va;
}

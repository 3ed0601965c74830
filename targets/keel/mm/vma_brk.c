/* SPDX-License-Identifier: Apache-2.0 */
/* The heap that brk moves the end of. */
#include <asm/mman.h>
#include <linux/mman.h>

#include "kern/boot.h"
#include "mm/page.h"
#include "mm/vma.h"
#include "mm/vma_tree.h"

static uint64_t heap_start, heap_end; /* bytes; moved by vma_brk alone */

/* At random within 32 MiB behind the image, as Linux does it. */
static uint64_t choose_start(void)
{
	struct vma_info v;
	uint64_t at = boot_info.image_va;

	while (!vma_next(at, &v) && v.start <= at)
		at = v.end;
	return at + (boot_random() & 0x1fff000);
}

uint64_t vma_brk(uint64_t end)
{
	uint64_t have, want;

	if (!heap_start)
		heap_start = heap_end = choose_start();
	if (end < heap_start || (end - heap_start) >> PAGE_SHIFT > page_total())
		return heap_end;
	have = ALIGN_UP(heap_end, PAGE_SIZE);
	want = ALIGN_UP(end, PAGE_SIZE);
	if (want > have &&
		vma_map_named(have, want - have, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
			"[heap]") < 0)
		return heap_end;
	if (want < have && vma_unmap(want, have - want))
		return heap_end;
	heap_end = end;
	return end;
}

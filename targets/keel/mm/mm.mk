# SPDX-License-Identifier: Apache-2.0
# Memory management of keel; the page tables are part of it.
KEEL_SRC += $(addprefix targets/keel/,mm/page.c mm/kmalloc.c mm/uaccess.c mm/uaccess_swap.c \
	mm/vma_tree.c mm/vma.c mm/vma_pages.c mm/vma_fault.c mm/vma_protect.c \
	mm/vma_move.c mm/vma_brk.c mm/vma_info.c mm/vma_shrink.c mm/vma_clean.c \
	arch/x86_64/paging.c arch/x86_64/extable.c arch/x86_64/uaccess.S \
	arch/x86_64/uaccess_swap.S)

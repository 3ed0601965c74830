# SPDX-License-Identifier: Apache-2.0
# Tests of keel's mm, compiled for the host over a machine that is none;
# always with the sanitizers.
KEEL_MM_TEST = $(addprefix $(B)/tests/unit/keel-mm-,page vma cases)
KEEL_MM_SRC = $(addprefix targets/keel/mm/,page.c kmalloc.c vma_tree.c vma.c \
	vma_pages.c vma_fault.c vma_protect.c vma_move.c vma_brk.c vma_info.c \
	vma_shrink.c)

$(KEEL_MM_TEST): $(B)/tests/unit/%: tests/unit/%.c tests/unit/keel-mm-fake.c \
		tests/unit/keel-mm-fake.h $(KEEL_MM_SRC) \
		$(wildcard targets/keel/mm/*.h)
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) -std=gnu11 $(WARN) -O1 -g -D_GNU_SOURCE \
		-fsanitize=address,undefined -fno-sanitize-recover=all \
		-iquote targets/keel -o $@ $(filter %.c,$^)

TEST_DEPS += $(KEEL_MM_TEST)
TESTS += $(KEEL_MM_TEST)

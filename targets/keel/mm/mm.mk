# Memory management of keel; the page tables are part of it.
KEEL_SRC += $(addprefix targets/keel/,mm/page.c mm/kmalloc.c mm/uaccess.c \
	arch/x86_64/paging.c arch/x86_64/extable.c arch/x86_64/uaccess.S)

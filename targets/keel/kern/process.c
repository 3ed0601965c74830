/* SPDX-License-Identifier: Apache-2.0 */
/* The start of the program: its first stack, as Linux makes it. */
#include "arch/arch.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "kern/main.h"
#include "kern/string.h"
#include "mm/page.h"
#include "mm/uaccess.h"
#include "mm/vma.h"
#include "sched/thread.h"

#include <linux/auxvec.h>
#include <linux/elf.h>
#include <linux/mman.h>

enum { STACK_SIZE = 8 << 20, STACK_GUARD = 1 << 20, CLK_TCK = 100 };

extern const char keel_text_start[];
extern const char keel_program_start[]; /* crt1's _start, by keel.ld */

/* Filled from both ends: words upwards from sp, texts downwards from top. */
struct stack {
	uint64_t word, text;
};

static void put(uint64_t va, const void *p, size_t n)
{
	if (copy_to_user((void *)va, p, n))
		page_not_enough(n);
}

static void put_word(struct stack *s, uint64_t v)
{
	put(s->word, &v, sizeof(v));
	s->word += sizeof(v);
}

static uint64_t put_bytes(struct stack *s, const void *p, size_t n)
{
	s->text -= n;
	put(s->text, p, n);
	return s->text;
}

static uint64_t put_text(struct stack *s, const void *p, size_t n)
{
	put_bytes(s, "", 1);
	return put_bytes(s, p, n);
}

static void put_aux(struct stack *s, uint64_t type, uint64_t value)
{
	put_word(s, type);
	put_word(s, value);
}

/* How many items of a type, and the bytes of their texts with NULs. */
static unsigned count(uint32_t type, uint64_t *bytes)
{
	const struct record_item *i = NULL;
	unsigned n = 0;

	for (; (i = record_next(i, type)); n++)
		*bytes += i->len + 1;
	return n;
}

/* The pointers of argv or envp with their texts; the first text's address. */
static uint64_t put_list(struct stack *s, uint32_t type)
{
	const struct record_item *i = NULL;
	uint64_t first = 0;

	while ((i = record_next(i, type))) {
		uint64_t at = put_text(s, record_data(i), i->len);

		if (!first)
			first = at;
		put_word(s, at);
	}
	return first;
}

/* Always zero here: the program runs as root, was not set to another id,
 * and has no interpreter. */
static const uint8_t zero_aux[] = {
	AT_BASE, AT_FLAGS, AT_UID, AT_EUID, AT_GID, AT_EGID, AT_SECURE};

static void put_auxv(struct stack *s, uint64_t execfn)
{
	const Elf64_Ehdr *eh = (const void *)keel_text_start;
	uint64_t seed[2] = {boot_random(), boot_random()};
	static const uint8_t cpu_aux[] = {AT_HWCAP, AT_HWCAP2, AT_MINSIGSTKSZ};

	put_aux(s, AT_PHDR, (uint64_t)keel_text_start + eh->e_phoff);
	put_aux(s, AT_PHENT, sizeof(Elf64_Phdr));
	put_aux(s, AT_PHNUM, eh->e_phnum);
	put_aux(s, AT_PAGESZ, PAGE_SIZE);
	put_aux(s, AT_ENTRY, (uint64_t)keel_program_start);
	put_aux(s, AT_CLKTCK, CLK_TCK);
	put_aux(s, AT_RANDOM, put_bytes(s, seed, sizeof(seed)));
	put_aux(s, AT_EXECFN, execfn);
	put_aux(s, AT_PLATFORM, put_text(s, ARCH_NAME, strlen(ARCH_NAME)));
	for (unsigned i = 0; i < sizeof(cpu_aux); i++)
		put_aux(s, cpu_aux[i], arch_auxv(cpu_aux[i]));
	for (unsigned i = 0; i < sizeof(zero_aux); i++)
		put_aux(s, zero_aux[i], 0);
	put_aux(s, AT_NULL, 0);
}

/* Maps the stack with room for `args` bytes beside the usual 8 MiB: the
 * address of its end, at a random place near the top. */
static uint64_t map_stack(uint64_t args)
{
	uint64_t size = STACK_SIZE + ALIGN_UP(args, PAGE_SIZE);
	uint64_t top = ARCH_USER_MAX - (boot_random() & 0x3fffff000);
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;

	if (vma_map_named(top - size, size, PROT_READ | PROT_WRITE, flags,
		    "[stack]") < 0 ||
		vma_map_named(top - size - STACK_GUARD, STACK_GUARD, PROT_NONE,
			flags, NULL) < 0)
		page_not_enough(PAGE_SIZE);
	return top;
}

/* The last part of argv[0], for messages. */
static void set_name(void)
{
	const struct record_item *i = record_next(NULL, RECORD_ARG);
	struct thread *t = thread_this();
	const char *p = i ? record_data(i) : "main";
	size_t n = i ? i->len : 4;

	for (size_t k = n; k--;)
		if (p[k] == '/') {
			p += k + 1;
			n -= k + 1;
			break;
		}
	memcpy(t->name, p, MIN(n, sizeof(t->name) - 1));
}

uint64_t process_auxv;

void process_start(void)
{
	enum { AUX_WORDS = 2 * 20, OTHER_BYTES = 64 };
	uint64_t bytes = OTHER_BYTES, words, execfn, sp;
	unsigned argc = count(RECORD_ARG, &bytes);
	unsigned envc = count(RECORD_ENV, &bytes);
	struct stack s;

	set_name();
	/* argc, argv, NULL, envp, NULL, auxv */
	words = 1 + argc + 1 + envc + 1 + AUX_WORDS;
	s.text = map_stack(bytes + words * 8);
	/* No two starts have the same low bits of the stack pointer either. */
	s.text -= boot_random() & 0xff0;
	sp = ALIGN_DOWN(s.text - bytes - words * 8, 16);
	s.word = sp;
	put_word(&s, argc);
	execfn = put_list(&s, RECORD_ARG);
	put_word(&s, 0);
	put_list(&s, RECORD_ENV);
	put_word(&s, 0);
	if (!execfn)
		execfn = put_text(&s, "main", 4);
	process_auxv = s.word;
	put_auxv(&s, execfn);
	arch_enter_program((uint64_t)keel_program_start, sp);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of keel's mappings: random operations against a page-wise model. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "keel-mm-fake.h"

#include "fs/file.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/vma.h"

#define MIB    (1UL << 20)
#define WINDOW 0x100000000UL

enum { NPAGES = 96, FILE_PAGES = 40 };

/* --- a file ------------------------------------------------------------- */

static struct page *cache[FILE_PAGES];
static uint64_t file_size = 24; /* in pages */

static int get_page(
	struct file *f, uint64_t index, bool write, struct page **out)
{
	(void)write;
	if (index >= file_size)
		return -ENXIO;
	if (!cache[index]) {
		cache[index] = page_alloc(PAGE_ZERO);
		if (!cache[index])
			return -ENOMEM;
		*(uint64_t *)page_va(cache[index]) = 1000 + index;
	}
	page_get(cache[index]);
	*out = cache[index];
	/* As while the file sleeps: another thread changes mappings. */
	if (rand() % 16 == 0)
		vma_unmap(0x700000000000, PAGE_SIZE);
	return f->count ? 0 : -EIO;
}

static const struct file_ops ops = {.get_page = get_page};
static struct inode *const inode = (void *)&cache;
static struct file rdwr = {
	.count = 1, .flags = O_RDWR, .ops = &ops, .inode = inode};
static struct file rdonly = {
	.count = 1, .flags = O_RDONLY, .ops = &ops, .inode = inode};

/* --- the model ---------------------------------------------------------- */

enum kind { NONE, ANON, SHM, FILE_PRIVATE, FILE_SHARED };

static struct model {
	enum kind kind;
	int prot;
	bool rdonly_file;
	bool own;       /* private page of a file: was written */
	uint64_t value; /* of the page, if it is not the file's */
	uint64_t index; /* in the file */
} model[NPAGES];
static uint64_t file_value[FILE_PAGES];

static uint64_t va_of(unsigned i)
{
	return WINDOW + i * PAGE_SIZE;
}

static void pick_range(unsigned *first, unsigned *n)
{
	*first = (unsigned)rand() % NPAGES;
	*n = 1 + (unsigned)rand() % (rand() % 3 ? 6 : 40);
	*n = MIN(*n, NPAGES - *first);
}

static int pick_prot(void)
{
	static const int prots[] = {PROT_READ | PROT_WRITE,
		PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE,
		PROT_READ | PROT_EXEC, PROT_WRITE};

	return prots[rand() % 6];
}

static bool file_allows(const struct model *m, int prot)
{
	return m->kind != FILE_SHARED ||
	       !(prot & PROT_EXEC || (prot & PROT_WRITE && m->rdonly_file));
}

static bool step_map(void)
{
	enum kind kind = (enum kind)(1 + rand() % 4);
	bool is_file = kind == FILE_PRIVATE || kind == FILE_SHARED;
	bool rdonly_file = rand() % 2;
	unsigned first, n, flags;
	struct model m = {.kind = kind, .rdonly_file = rdonly_file};
	uint64_t index = (unsigned)rand() % 30;
	long at, want;

	pick_range(&first, &n);
	m.prot = pick_prot();
	want = (long)va_of(first);
	flags = kind == ANON || kind == FILE_PRIVATE ? MAP_PRIVATE : MAP_SHARED;
	if (!is_file)
		flags |= MAP_ANONYMOUS;
	if (rand() % 3) {
		flags |= MAP_FIXED;
	} else {
		flags |= MAP_FIXED_NOREPLACE;
		for (unsigned i = first; i < first + n; i++)
			if (model[i].kind)
				want = -EEXIST;
	}
	if (!file_allows(&m, m.prot))
		want = -EACCES;
	if (kind != FILE_SHARED && rand() % 8 == 0)
		flags |= MAP_POPULATE;
	at = vma_map(va_of(first), n * PAGE_SIZE, m.prot, (int)flags,
		!is_file      ? NULL
		: rdonly_file ? &rdonly
			      : &rdwr,
		is_file ? index * PAGE_SIZE : 0);
	for (unsigned i = first; want > 0 && i < first + n; i++) {
		model[i] = m;
		model[i].index = index + i - first;
		if (flags & MAP_POPULATE && is_file &&
			(m.prot & (PROT_WRITE | PROT_EXEC)) &&
			model[i].index < file_size) {
			model[i].own = true;
			model[i].value = file_value[model[i].index];
		} else if (flags & MAP_POPULATE && is_file &&
			   (m.prot & (PROT_WRITE | PROT_EXEC))) {
			flags &= ~(unsigned)MAP_POPULATE; /* it stops there */
		}
	}
	return at == want;
}

static bool step_unmap(void)
{
	unsigned first, n;
	int err;

	pick_range(&first, &n);
	err = (int)vma_unmap(va_of(first), n * PAGE_SIZE);
	memset(&model[first], 0, n * sizeof(model[0]));
	return !err;
}

static bool step_protect(void)
{
	int prot = pick_prot(), want = 0;
	unsigned first, n;

	pick_range(&first, &n);
	for (unsigned i = first; i < first + n && !want; i++) {
		if (!model[i].kind)
			want = -ENOMEM;
		else if (!file_allows(&model[i], prot))
			want = -EACCES;
	}
	for (unsigned i = first; i < first + n && !want; i++)
		model[i].prot = prot;
	return vma_protect(va_of(first), n * PAGE_SIZE, prot) == want;
}

static bool step_discard(void)
{
	unsigned first, n;
	int want = 0;

	pick_range(&first, &n);
	for (unsigned i = first; i < first + n; i++) {
		struct model *m = &model[i];

		if (!m->kind)
			want = -ENOMEM;
		if (m->kind == ANON)
			m->value = 0;
		m->own = false;
	}
	return vma_discard(va_of(first), n * PAGE_SIZE) == want;
}

/* Whether both pages can lie side by side in one mapping. */
static bool alike(const struct model *a, const struct model *b)
{
	return a->kind == b->kind && a->prot == b->prot &&
	       (a->kind < FILE_PRIVATE ||
		       (a->index + 1 == b->index &&
			       a->rdonly_file == b->rdonly_file));
}

static bool step_move(void)
{
	struct model moved[NPAGES] = {0};
	unsigned from, to, n, new_n;
	bool one = true, grows;
	long at;

	pick_range(&from, &n);
	pick_range(&to, &new_n);
	if (from < to + new_n && to < from + n)
		return vma_remap(va_of(from), n * PAGE_SIZE, new_n * PAGE_SIZE,
			       MREMAP_MAYMOVE | MREMAP_FIXED,
			       va_of(to)) == -EINVAL;
	one = model[from].kind != NONE;
	for (unsigned i = from + 1; i < from + n; i++)
		one &= alike(&model[i - 1], &model[i]);
	at = vma_remap(va_of(from), n * PAGE_SIZE, new_n * PAGE_SIZE,
		MREMAP_MAYMOVE | MREMAP_FIXED, va_of(to));
	if (!one)
		return at == -EFAULT;
	grows = new_n > n;
	for (unsigned i = 0; i < new_n; i++) {
		moved[i] = model[from + (grows && i >= n ? 0 : i)];
		moved[i].index = model[from].index + i;
		if (i >= n) {
			moved[i].value = 0;
			moved[i].own = false;
		}
	}
	memset(&model[from], 0, n * sizeof(model[0]));
	memcpy(&model[to], moved, new_n * sizeof(model[0]));
	return at == (long)va_of(to);
}

static bool step_truncate(void)
{
	uint64_t size = (unsigned)rand() % FILE_PAGES;

	for (uint64_t i = size; i < FILE_PAGES; i++) {
		struct page *p = cache[i];

		cache[i] = NULL;
		if (p)
			page_put(p);
		file_value[i] = 1000 + i;
	}
	file_size = size;
	vma_zap_inode(inode, size);
	for (unsigned i = 0; i < NPAGES; i++)
		if (model[i].kind == FILE_PRIVATE && model[i].index >= size)
			model[i].own = false;
	return true;
}

static uint64_t value_of(const struct model *m)
{
	if (m->kind == FILE_SHARED || (m->kind == FILE_PRIVATE && !m->own))
		return file_value[m->index];
	return m->value;
}

/* What is executed is a copy, so that nobody can change it. */
static void note_copy(struct model *m)
{
	if (m->kind != FILE_PRIVATE || !(m->prot & PROT_EXEC) || m->own)
		return;
	m->own = true;
	m->value = file_value[m->index];
}

static int expect_signal(const struct model *m, bool allowed)
{
	if (!m->kind || !allowed)
		return SIGSEGV;
	if (m->kind >= FILE_PRIVATE && !m->own && m->index >= file_size)
		return SIGBUS;
	return 0;
}

static bool step_access(void)
{
	unsigned i = (unsigned)rand() % NPAGES;
	struct model *m = &model[i];
	uint64_t value = 0, new = (uint64_t)rand();
	int sig, want;

	switch (rand() % 4) {
	case 0:
		want = expect_signal(m, m->prot & PROT_EXEC);
		if (!want)
			note_copy(m);
		return fake_fetch(va_of(i)) == want;
	case 1:
		want = expect_signal(m, m->prot & PROT_WRITE);
		sig = fake_store(va_of(i), new);
		if (sig || want)
			return sig == want;
		if (m->kind == FILE_SHARED)
			file_value[m->index] = new;
		m->value = new;
		m->own = m->kind == FILE_PRIVATE;
		return true;
	default:
		want = expect_signal(m, m->prot);
		sig = fake_load(va_of(i), &value);
		if (sig || want)
			return sig == want;
		note_copy(m);
		return value == value_of(m);
	}
}

/* The mappings in the window say the same as the model, each page once, and
 * no two that could be one stand side by side (from mmap or mprotect). */
static bool agrees(void)
{
	struct vma_info v;
	unsigned i = 0;

	for (uint64_t at = WINDOW; i < NPAGES; at = v.end) {
		unsigned start, end;

		if (vma_next(at, &v) || v.start >= va_of(NPAGES))
			break;
		if (v.start < at || v.end <= v.start)
			return false;
		start = (unsigned)((v.start - WINDOW) / PAGE_SIZE);
		end = (unsigned)((v.end - WINDOW) / PAGE_SIZE);
		for (; i < start; i++)
			if (model[i].kind)
				return false;
		for (; i < end; i++) {
			const struct model *m = &model[i];
			bool shared = m->kind == SHM || m->kind == FILE_SHARED;

			if (!m->kind || m->prot != v.prot ||
				shared != v.shared ||
				(m->kind >= FILE_PRIVATE) != !!v.file)
				return false;
			if (v.file &&
				v.offset / PAGE_SIZE + (i - start) != m->index)
				return false;
		}
	}
	for (; i < NPAGES; i++)
		if (model[i].kind)
			return false;
	return true;
}

static void random_operations(unsigned rounds)
{
	static bool (*const steps[])(void) = {step_map, step_unmap,
		step_protect, step_discard, step_move, step_truncate};
	static const char *const names[] = {"map", "unmap", "protect",
		"discard", "move", "truncate", "access"};
	unsigned failed[7] = {0}, wrong = 0;

	for (unsigned i = 0; i < FILE_PAGES; i++)
		file_value[i] = 1000 + i;
	for (unsigned i = 0; i < rounds; i++) {
		unsigned n = (unsigned)rand() % 24;

		if (n > 5 || (n == 5 && rand() % 4))
			failed[6] += !step_access();
		else
			failed[n] += !steps[n]();
		if (i % 16 == 0 && !agrees())
			wrong++;
	}
	for (unsigned n = 0; n < ARRAY_SIZE(failed); n++)
		ok(!failed[n], "%u random steps: %s", rounds, names[n]);
	ok(!wrong, "the mappings are those of the model");
}

static void everything_comes_back(uint64_t free_before)
{
	vma_unmap(WINDOW, NPAGES * PAGE_SIZE);
	for (unsigned i = 0; i < FILE_PAGES; i++) {
		if (cache[i])
			page_put(cache[i]);
		cache[i] = NULL;
	}
	ok(rdwr.count == 1 && rdonly.count == 1, "no file is held any more");
	ok(fake_mapped() == 0, "no page is mapped any more");
	ok(free_before - page_free_count() <= 1,
		"all pages are free again, but for one of kmalloc: %lu",
		(unsigned long)(free_before - page_free_count()));
}

int main(int argc, char **argv)
{
	uint64_t before;

	srand(argc > 1 ? (unsigned)atoi(argv[1]) : 1);
	fake_machine(63 * MIB, 0);
	vma_init();
	before = page_free_count();
	random_operations(argc > 2 ? (unsigned)atoi(argv[2]) : 60000);
	everything_comes_back(before - 1); /* less the page of zeros */
	return done_testing();
}

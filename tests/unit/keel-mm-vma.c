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
	ok(page_free_count() == free_before, "all pages are free again: %lu",
		(unsigned long)(free_before - page_free_count()));
}

static void places(void)
{
	const int anon = MAP_PRIVATE | MAP_ANONYMOUS;
	const int shm = MAP_SHARED | MAP_ANONYMOUS;
	long a, b, c;

	a = vma_map(0, 8UL << 40, PROT_NONE, anon | MAP_NORESERVE, NULL, 0);
	ok(a > 0, "8 TiB without rights can be reserved");
	b = vma_map((uint64_t)a + 4096 * MIB, MIB, PROT_READ | PROT_WRITE,
		anon | MAP_FIXED, NULL, 0);
	ok(b == a + (long)(4096 * MIB) && !fake_store((uint64_t)b, 7),
		"memory can be put inside");
	ok(vma_protect((uint64_t)a, MIB, PROT_READ | PROT_WRITE) == 0 &&
			!fake_store((uint64_t)a + 4096, 5),
		"rights can be given to part of it");
	ok(fake_load((uint64_t)a + MIB, (uint64_t *)&c) == SIGSEGV,
		"the rest cannot be read");
	ok(!vma_populate((uint64_t)a, 8UL << 40),
		"populating passes over what has no rights");
	ok(!vma_unmap((uint64_t)a, 8UL << 40), "and all of it goes at once");

	a = vma_map(
		0, 128 * MIB, PROT_READ | PROT_WRITE, shm | MAP_32BIT, NULL, 0);
	ok(a >= (long)(1UL << 30) && a + 128 * (long)MIB <= 1L << 31,
		"128 MiB shared in the low 2 GiB, in a smaller machine");
	vma_unmap((uint64_t)a, 128 * MIB);
	ok(vma_map(0, 65 * MIB, PROT_READ | PROT_WRITE, anon, NULL, 0) ==
			-ENOMEM,
		"more private memory than there is: ENOMEM");
	a = vma_map(0xc000000000, MIB, PROT_READ, anon, NULL, 0);
	b = vma_map(0xc000000000, MIB, PROT_READ, anon, NULL, 0);
	ok(a == 0xc000000000 && b > 0 && b != a,
		"a hint is taken if there is room");
	ok(vma_map(0, 1, PROT_READ, anon | MAP_FIXED, NULL, 0) == -EPERM,
		"nothing goes to page 0");
	ok(vma_map((uint64_t)a + 1, 1, PROT_READ, anon | MAP_FIXED, NULL, 0) ==
			-EINVAL,
		"MAP_FIXED wants whole pages");
	ok(vma_map(0, 1, PROT_READ, anon | MAP_HUGETLB, NULL, 0) == -ENOMEM,
		"MAP_HUGETLB: ENOMEM");
	ok(vma_map(0, 1, PROT_READ, MAP_SHARED_VALIDATE | MAP_SYNC, &rdwr, 0) ==
			-EOPNOTSUPP,
		"MAP_SYNC: EOPNOTSUPP");
	ok(vma_map(0, 1, PROT_READ, MAP_SHARED_VALIDATE | 1 << 30, &rdwr, 0) ==
				-EOPNOTSUPP &&
			vma_map(0, 1, PROT_READ,
				MAP_SHARED_VALIDATE | MAP_ANONYMOUS, NULL,
				0) == -EINVAL,
		"MAP_SHARED_VALIDATE: unknown flags, no file");
	ok(vma_map(0, 1, PROT_READ, anon | MAP_GROWSDOWN, NULL, 0) ==
			-EOPNOTSUPP,
		"MAP_GROWSDOWN: EOPNOTSUPP");
	ok(vma_map(0, 1, PROT_WRITE | PROT_EXEC, anon, NULL, 0) == -EACCES &&
			vma_protect((uint64_t)a, MIB, 7) == -EACCES,
		"writable and executable: EACCES");
	ok(vma_map(0, 0, PROT_READ, anon, NULL, 0) == -EINVAL &&
			vma_map(0, ~0UL, PROT_READ, anon, NULL, 0) == -ENOMEM &&
			vma_map(0, 1, PROT_READ, MAP_ANONYMOUS, NULL, 0) ==
				-EINVAL &&
			vma_unmap((uint64_t)a, 0) == -EINVAL &&
			vma_unmap((uint64_t)a, ~0UL) == -EINVAL,
		"impossible lengths and types are refused");
	vma_unmap((uint64_t)a, MIB);
	vma_unmap((uint64_t)b, MIB);
}

static void image_stays(void)
{
	const uint64_t at = 0x555555000000;
	uint64_t value;

	vma_image(at, at + 4 * PAGE_SIZE, PROT_READ | PROT_EXEC);
	ok(vma_map(at, PAGE_SIZE, PROT_READ,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0) == -EPERM,
		"nothing is mapped over the image");
	ok(vma_unmap(at - PAGE_SIZE, 2 * PAGE_SIZE) == -EPERM,
		"the image is not unmapped");
	ok(vma_protect(at, PAGE_SIZE, PROT_READ) == -EACCES &&
			!vma_protect(at, PAGE_SIZE, PROT_READ | PROT_EXEC),
		"its rights stay");
	ok(vma_remap(at, PAGE_SIZE, 2 * PAGE_SIZE, MREMAP_MAYMOVE, 0) == -EPERM,
		"it does not move");
	ok(fake_load(at, &value) == SIGSEGV, "a fault in it is a signal");
}

static void heap(void)
{
	uint64_t start = vma_brk(0), value;
	bool good = true;

	ok(start > 0x555555000000, "the heap begins behind the image");
	ok(vma_brk(start + 100) == start + 100 &&
			!fake_store(start & PAGE_MASK, 1),
		"it grows by bytes");
	for (uint64_t n = 0; n < 2 * MIB; n += 12345)
		good &= vma_brk(start + n) == start + n;
	ok(good && !fake_store(start + MIB, 77), "it grows to megabytes");
	ok(vma_brk(start + 65 * MIB) != start + 65 * MIB,
		"it does not grow beyond memory");
	ok(vma_brk(start) == start && fake_load(start + MIB, &value) == SIGSEGV,
		"it shrinks");
	vma_brk(start + 2 * MIB);
	ok(!fake_load(start + MIB, &value) && value == 0,
		"and is zero when it comes again");
	vma_brk(start);
}

static void grows_in_place(void)
{
	const int anon = MAP_PRIVATE | MAP_ANONYMOUS;
	uint64_t at = 0x200000000, value = 0;

	vma_map(at, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE, anon | MAP_FIXED,
		NULL, 0);
	fake_store(at, 11);
	ok(vma_remap(at, 4 * PAGE_SIZE, 8 * PAGE_SIZE, 0, 0) == (long)at,
		"mremap grows into free room");
	vma_map(at + 8 * PAGE_SIZE, PAGE_SIZE, PROT_NONE, anon | MAP_FIXED,
		NULL, 0);
	ok(vma_remap(at, 8 * PAGE_SIZE, 9 * PAGE_SIZE, 0, 0) == -ENOMEM,
		"not where something is");
	ok(vma_remap(at, 8 * PAGE_SIZE, 2 * PAGE_SIZE, 0, 0) == (long)at &&
			fake_load(at + 3 * PAGE_SIZE, &value) == SIGSEGV,
		"it shrinks");
	vma_map(at + 2 * PAGE_SIZE, PAGE_SIZE, PROT_NONE, anon | MAP_FIXED,
		NULL, 0);
	at = (uint64_t)vma_remap(
		at, 2 * PAGE_SIZE, 5 * PAGE_SIZE, MREMAP_MAYMOVE, 0);
	ok(!fake_load(at, &value) && value == 11, "else it moves");
	vma_unmap(at, 5 * PAGE_SIZE);
	vma_unmap(0x200000000, 9 * PAGE_SIZE);
}

static void memory_ends(void)
{
	const int anon = MAP_PRIVATE | MAP_ANONYMOUS;
	uint64_t at = (uint64_t)vma_map(
		0, 8 * MIB, PROT_READ | PROT_WRITE, anon, NULL, 0);
	static struct page *hog[20000];
	unsigned n = 0;

	while (n < ARRAY_SIZE(hog) && page_free_count() > 10)
		hog[n++] = page_alloc(0);
	fake_status = -1;
	if (!setjmp(fake_exit))
		for (uint64_t i = 0; i < 2000; i++)
			fake_store(at + i * PAGE_SIZE, i);
	ok(fake_status == 128 + SIGKILL,
		"a touch without memory ends the program: %d", fake_status);
	ok(vma_map(0, MIB, PROT_READ, anon | MAP_POPULATE, NULL, 0) < 0 || true,
		"mmap without memory returns");
	while (n)
		page_put(hog[--n]);
}

static void many_mappings(void)
{
	const int anon = MAP_PRIVATE | MAP_ANONYMOUS;
	const uint64_t base = 0x300000000;
	bool good = true;
	unsigned n = 0;
	struct vma_info v;

	/* MariaDB's arena: rights grow through a reservation in steps. */
	vma_map(base, 128 * MIB, PROT_NONE, anon | MAP_FIXED, NULL, 0);
	for (uint64_t i = 0; i < 2150; i++)
		good &= !vma_protect(
			base + i * 8192, 8192, PROT_READ | PROT_WRITE);
	for (uint64_t at = base;
		!vma_next(at, &v) && v.start < base + 128 * MIB; at = v.end)
		n++;
	ok(good && n == 2, "neighbours that are alike are one: %u", n);
	vma_unmap(base, 128 * MIB);

	/* Every second page: nothing can be joined. */
	for (uint64_t i = 0; i < 4000; i++)
		good &= vma_map(base + (i * 7919 % 4000) * 8192, PAGE_SIZE,
				PROT_READ, anon | MAP_FIXED, NULL, 0) > 0;
	n = 0;
	for (uint64_t at = base;
		!vma_next(at, &v) && v.start < base + 128 * MIB; at = v.end)
		n++;
	ok(good && n == 4000, "4000 mappings: %u", n);
	ok(!vma_unmap(base, 4000 * 8192), "they go at once");
}

/* --- a file that is larger than memory ---------------------------------- */

enum { LARGE = 4000 };

static struct page *large_cache[LARGE];

static int get_large_page(
	struct file *f, uint64_t index, bool write, struct page **out)
{
	(void)f;
	(void)write;
	if (!large_cache[index]) {
		struct page *p = page_alloc(0);

		if (!p)
			return -ENOMEM;
		*(uint64_t *)page_va(p) = index;
		large_cache[index] = p;
	}
	*out = large_cache[index];
	page_get(*out);
	return 0;
}

static uint64_t shrink_large(uint64_t npages)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < LARGE && n < npages; i++) {
		struct page *p = large_cache[i];

		if (!p || p->count > 1)
			continue;
		large_cache[i] = NULL;
		page_put(p);
		n++;
	}
	return n;
}

static void large_file(void)
{
	static const struct file_ops large_ops = {.get_page = get_large_page};
	static struct page_shrinker s = {.shrink = shrink_large};
	static struct file f = {.count = 1, .flags = O_RDWR, .ops = &large_ops};
	uint64_t at, value = 0, moved;
	bool good = true;

	fake_machine(5 * MIB, 0);
	vma_init();
	page_shrinker_add(&s);
	at = (uint64_t)vma_map(
		0, LARGE * PAGE_SIZE, PROT_READ, MAP_SHARED, &f, 0);
	for (uint64_t i = 0; i < LARGE; i++)
		good &= !fake_load(at + i * PAGE_SIZE, &value) && value == i;
	ok(good, "a file of 16 MB can be read through 5 MB of memory");
	moved = (uint64_t)vma_remap(at, LARGE * PAGE_SIZE, LARGE * PAGE_SIZE,
		MREMAP_MAYMOVE | MREMAP_FIXED, WINDOW);
	for (uint64_t n = 0; n < 20000; n++) {
		uint64_t i = (uint64_t)rand() % LARGE;

		good &= !fake_load(moved + i * PAGE_SIZE, &value) && value == i;
	}
	ok(good && moved == WINDOW, "and again at another place, at random");
	at = (uint64_t)vma_map(0, LARGE * PAGE_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_NORESERVE, &f, 0);
	for (uint64_t n = 0; n < 20000; n++) {
		uint64_t i = (uint64_t)rand() % LARGE, j = i % 64 * 50;

		good &= !fake_load(at + i * PAGE_SIZE, &value) &&
			(value == i || value == 2 * i);
		good &= !fake_store(at + j * PAGE_SIZE, 2 * j);
	}
	ok(good, "private copies of part of it stay");
	vma_unmap(moved, LARGE * PAGE_SIZE);
	vma_unmap(at, LARGE * PAGE_SIZE);
	while (shrink_large(LARGE))
		;
	ok(f.count == 1 && fake_mapped() == 0, "all of it goes");
}

int main(int argc, char **argv)
{
	uint64_t before;

	srand(argc > 1 ? (unsigned)atoi(argv[1]) : 1);
	ok_apart(large_file, 4);
	fake_machine(63 * MIB, 0);
	vma_init();
	before = page_free_count();
	random_operations(argc > 2 ? (unsigned)atoi(argv[2]) : 60000);
	everything_comes_back(before - 1); /* less the page of zeros */
	places();
	heap();
	grows_in_place();
	many_mappings();
	ok(page_free_count() == before - 1, "and again all is free: %lu",
		(unsigned long)(before - 1 - page_free_count()));
	image_stays();
	ok_apart(memory_ends, 2);
	return done_testing();
}

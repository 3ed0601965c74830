/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of keel's mappings: places, limits, the heap, lack of memory. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "keel-mm-fake.h"

#include "fs/file.h"
#include "mm/page.h"
#include "mm/vma.h"

#define MIB    (1UL << 20)
#define WINDOW 0x100000000UL

static int no_page(
	struct file *f, uint64_t index, bool write, struct page **out)
{
	(void)f;
	(void)index;
	(void)write;
	(void)out;
	return -ENXIO;
}

static const struct file_ops ops = {.get_page = no_page};
static struct file rdwr = {.count = 1, .flags = O_RDWR, .ops = &ops};

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

int main(void)
{
	uint64_t before;
	int code;

	ok_apart(large_file, 4);
	fake_machine(63 * MIB, 0);
	vma_init();
	before = page_free_count();
	places();
	heap();
	grows_in_place();
	many_mappings();
	ok(rdwr.count == 1 && fake_mapped() == 0, "nothing is held or mapped");
	ok(vma_fault(WINDOW, 0, &code) == SIGSEGV && code == SEGV_MAPERR,
		"no mapping: SEGV_MAPERR");
	ok(before - page_free_count() <= 2,
		"all is free, less the zeros and a page of kmalloc");
	image_stays();
	ok_apart(memory_ends, 2);
	return done_testing();
}

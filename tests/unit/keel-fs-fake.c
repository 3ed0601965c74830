/* SPDX-License-Identifier: Apache-2.0 */
/* The rest of keel as its files see it, on the host. */
#include "keel-fs-fake.h"

#include <errno.h>
#include <linux/utsname.h>
#include <sanitizer/asan_interface.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "drivers/block.h"
#include "drivers/console.h"
#include "drivers/random.h"
#include "fs/file.h"
#include "fs/remote.h"
#include "kern/boot.h"
#include "kern/cmdline.h"
#include "kern/format.h"
#include "kern/log.h"
#include "kern/main.h"
#include "kern/signal.h"
#include "kern/time.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/uaccess.h"
#include "mm/vma.h"
#include "sched/thread.h"
#include "sys/proto.h"

/* --- memory ---------------------------------------------------------------*/

uint64_t fake_pages = FAKE_PAGES_MAX, fake_pages_used, fake_allocs;
unsigned fake_fail_in;

static struct page pages[FAKE_PAGES_MAX];
static uint8_t *memory;
static struct page_shrinker *shrinkers;

static bool fails(void)
{
	return fake_fail_in && --fake_fail_in == 0;
}

void *kmalloc(size_t size)
{
	void *p = fails() ? NULL : malloc(size);

	fake_allocs += p != NULL;
	return p;
}

void *kzalloc(size_t size)
{
	void *p = fails() ? NULL : calloc(1, size);

	fake_allocs += p != NULL;
	return p;
}

void *krealloc(void *p, size_t size)
{
	void *q = fails() ? NULL : realloc(p, size);

	fake_allocs += q && !p;
	return q;
}

void kfree(void *p)
{
	fake_allocs -= p != NULL;
	free(p);
}

static uint8_t *bytes_of(const struct page *p)
{
	return memory + (p - pages) * PAGE_SIZE;
}

static struct page *take(void)
{
	if (!memory) {
		memory = aligned_alloc(PAGE_SIZE,
			sizeof(pages) / sizeof(pages[0]) * PAGE_SIZE);
		__asan_poison_memory_region(memory, FAKE_PAGES_MAX * PAGE_SIZE);
	}
	for (uint64_t i = 0, at; i < fake_pages; i++) {
		static uint64_t hand;

		at = (hand + i) % fake_pages;
		if (!pages[at].count) {
			hand = at + 1;
			return &pages[at];
		}
	}
	return NULL;
}

struct page *page_alloc(unsigned flags)
{
	struct page *p = fails() ? NULL : take();

	if (!p && shrinkers && shrinkers->shrink(1))
		p = take();
	if (!p)
		return NULL;
	p->count = 1;
	fake_pages_used++;
	__asan_unpoison_memory_region(bytes_of(p), PAGE_SIZE);
	memset(bytes_of(p), flags & PAGE_ZERO ? 0 : 0xa5, PAGE_SIZE);
	return p;
}

void page_get(struct page *p)
{
	if (!p->count++)
		panic("page_get of a free page");
}

void page_put(struct page *p)
{
	if (!p->count)
		panic("page_put of a free page");
	if (--p->count)
		return;
	fake_pages_used--;
	__asan_poison_memory_region(bytes_of(p), PAGE_SIZE);
}

void fake_shrink(void)
{
	while (shrinkers->shrink(FAKE_PAGES_MAX))
		;
}

uint64_t page_pa(const struct page *p)
{
	return (uint64_t)(p - pages + 1) << PAGE_SHIFT;
}

struct page *page_of_pa(uint64_t pa)
{
	return &pages[(pa >> PAGE_SHIFT) - 1];
}

void *page_va(const struct page *p)
{
	return bytes_of(p);
}

void *pages_alloc(unsigned order, unsigned flags)
{
	(void)flags;
	return fails() ? NULL : malloc(PAGE_SIZE << order);
}

uint64_t page_total(void)
{
	return fake_pages;
}

uint64_t page_free_count(void)
{
	return fake_pages - fake_pages_used;
}

noreturn void page_not_enough(uint64_t need)
{
	panic("%lu more bytes are needed", need);
}

void page_shrinker_add(struct page_shrinker *s)
{
	if (s == shrinkers)
		return;
	s->next = shrinkers;
	shrinkers = s;
}

/* --- the program's memory -------------------------------------------------*/

static bool bad(const void *p)
{
	return (uintptr_t)p < ARCH_USER_MIN;
}

int copy_from_user(void *dst, const void *src, size_t n)
{
	if (n && bad(src))
		return -EFAULT;
	memcpy(dst, src, n);
	return 0;
}

int copy_to_user(void *dst, const void *src, size_t n)
{
	if (n && bad(dst))
		return -EFAULT;
	memcpy(dst, src, n);
	return 0;
}

int zero_user(void *dst, size_t n)
{
	if (n && bad(dst))
		return -EFAULT;
	memset(dst, 0, n);
	return 0;
}

long strncpy_from_user(char *dst, const char *src, size_t size)
{
	size_t n;

	if (bad(src))
		return -EFAULT;
	n = strnlen(src, size);
	if (n == size)
		return -ENAMETOOLONG;
	memcpy(dst, src, n + 1);
	return n;
}

int vma_next(uint64_t addr, struct vma_info *out)
{
	if (addr >= 0x3000)
		return -ENOENT;
	*out = (struct vma_info){
		.start = 0x1000, .end = 0x3000, .prot = 1, .name = "[fake]"};
	return 0;
}

/* There are no volumes. */
int mounts_make(void)
{
	return 0;
}

/* --- text -----------------------------------------------------------------*/

int kvsnprintf(char *dst, size_t size, const char *fmt, va_list ap)
{
	return vsnprintf(dst, size, fmt, ap);
}

int ksnprintf(char *dst, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(dst, size, fmt, ap);
	va_end(ap);
	return n;
}

void klog(const char *fmt, ...)
{
	(void)fmt;
}

void kmsg(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
}

noreturn void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	abort();
}

noreturn void machine_exit(int status)
{
	exit(status);
}

/* --- devices --------------------------------------------------------------*/

const uint8_t *fake_image;
size_t fake_image_size;
unsigned fake_requests;
bool fake_disk_error;

static int disk_rw(struct block_device *d, bool write, uint64_t sector,
	void *buf, size_t n)
{
	fake_requests++;
	if (write)
		return -EROFS;
	if (fake_disk_error || sector > d->nsectors || n > d->nsectors - sector)
		return -EIO;
	memcpy(buf, fake_image + sector * SECTOR_SIZE, n * SECTOR_SIZE);
	return 0;
}

struct block_device *fake_disk(void)
{
	static struct block_device d = {
		.name = "vda", .read_only = true, .rw = disk_rw};

	d.nsectors = fake_image_size / SECTOR_SIZE;
	return &d;
}

struct block_device *block_first(void)
{
	return fake_image ? fake_disk() : NULL;
}

struct block_device *block_find_root(void)
{
	return block_first();
}

char fake_out[65536];
size_t fake_out_len;

static long out_write(struct file *f, const void *buf, size_t n, uint64_t *pos)
{
	(void)f;
	(void)pos;
	n = MIN(n, sizeof(fake_out) - fake_out_len);
	memcpy(fake_out + fake_out_len, buf, n);
	fake_out_len += n;
	return n;
}

static long in_read(struct file *f, void *buf, size_t n, uint64_t *pos)
{
	(void)f;
	(void)buf;
	(void)n;
	(void)pos;
	return 0;
}

const struct file_ops console_file_ops = {.read = in_read, .write = out_write};

void random_bytes(void *p, size_t n)
{
	while (n--)
		*((uint8_t *)p + n) = rand();
}

void random_add(const void *p, size_t n)
{
	(void)p;
	(void)n;
}

void arch_cpu_describe(struct arch_cpu *out)
{
	*out = (struct arch_cpu){.vendor = "fake", .name = "fake"};
}

long do_prlimit64(long pid, long resource, long new, long old)
{
	(void)pid;
	(void)resource;
	(void)new;
	memset((void *)old, 0, 16);
	return 0;
}

static const uint64_t auxv[2];
uint64_t process_auxv = (uint64_t)auxv;

long do_uname(long va)
{
	struct new_utsname *u = (struct new_utsname *)va;

	*u = (struct new_utsname){.sysname = "Linux",
		.nodename = "node",
		.release = "6",
		.version = "#1"};
	return 0;
}

/* --- the boot record ------------------------------------------------------*/

const void *fake_record;

const struct record_item *record_next(
	const struct record_item *after, uint32_t type)
{
	static const struct record_item none;
	const struct record_item *i = fake_record ? fake_record : &none;

	if (after)
		i = (const void *)((const char *)(after + 1) +
				   ALIGN_UP(after->len, 8));
	for (; i->type; i = (const void *)((const char *)(i + 1) +
					   ALIGN_UP(i->len, 8))) {
		if (i->type == type)
			return i;
	}
	return NULL;
}

uint64_t record_flags(void)
{
	return 0;
}

/* There is no command line. */
void cmdline_to_record(void)
{
}

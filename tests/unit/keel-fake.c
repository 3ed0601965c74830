/* SPDX-License-Identifier: Apache-2.0 */
/* What keel's drivers need of keel, on the host; and a virtio device. */
#include "keel-fake.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "mm/kmalloc.h"
#include "mm/page.h"
#include "mm/uaccess.h"
#include "sched/waitq.h"

void (*fake_idle)(void);
void (*fake_irq)(void);
const char *fake_option;
uint64_t fake_pa_base;
uint64_t fake_pages = 1 << 20;
unsigned fake_fail_alloc;
uint64_t fake_record_flags;

/* --- keel ---------------------------------------------------------------- */
uint64_t arch_direct_base; /* 0: physical addresses are the host's */
void (*log_sink)(int kind, const char *text, size_t len);

static bool alloc_fails(void)
{
	return fake_fail_alloc && --fake_fail_alloc == 0;
}

void *kmalloc(size_t size)
{
	return alloc_fails() ? NULL : malloc(size);
}

void *kzalloc(size_t size)
{
	return alloc_fails() ? NULL : calloc(1, size);
}

void kfree(void *p)
{
	free(p);
}

void *pages_alloc(unsigned order, unsigned flags)
{
	size_t size = PAGE_SIZE << order;
	void *p = alloc_fails() ? NULL : aligned_alloc(PAGE_SIZE, size);

	if (p)
		memset(p, flags & PAGE_ZERO ? 0 : 0xa5, size);
	return p;
}

void pages_free(void *va, unsigned order)
{
	(void)order;
	free(va);
}

uint64_t page_total(void)
{
	return fake_pages;
}

uint64_t arch_irq_save(void)
{
	return 0;
}

void arch_irq_restore(uint64_t state)
{
	(void)state;
}

void arch_idle(void)
{
	CHECK(fake_idle);
	fake_idle();
}

int arch_lookup(uint64_t va, uint64_t *pa, unsigned *pte)
{
	*pa = va - fake_pa_base;
	*pte = 0;
	return 0;
}

static unsigned nlocked;

uint64_t spin_lock(struct spinlock *l)
{
	CHECK(!l->locked);
	l->locked = 1;
	nlocked++;
	return 0;
}

void spin_unlock(struct spinlock *l, uint64_t irq)
{
	(void)irq;
	CHECK(l->locked);
	l->locked = 0;
	if (--nlocked == 0 && fake_irq)
		fake_irq();
}

void mutex_lock(struct mutex *m)
{
	CHECK(!m->owner);
	m->owner = (void *)m;
}

void mutex_unlock(struct mutex *m)
{
	m->owner = NULL;
}

void waitq_prepare_for(struct waitq *q, struct waitq_entry *e, uint32_t events)
{
	(void)events;
	(void)q;
	(void)e;
}

void waitq_remove(struct waitq *q, struct waitq_entry *e)
{
	(void)q;
	(void)e;
}

int waitq_sleep(uint64_t deadline_ns)
{
	(void)deadline_ns;
	arch_idle();
	return 0;
}

int waitq_sleep_ever(void)
{
	arch_idle();
	return 0;
}

int waitq_sleep_hard(void)
{
	return waitq_sleep_ever();
}

void waitq_wake_for(struct waitq *q, uint32_t events)
{
	(void)q;
	(void)events;
}

int copy_from_user(void *dst, const void *src, size_t n)
{
	if (!src)
		return -EFAULT;
	memcpy(dst, src, n);
	return 0;
}

int copy_to_user(void *dst, const void *src, size_t n)
{
	if (!dst)
		return -EFAULT;
	memcpy(dst, src, n);
	return 0;
}

void arch_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

uint64_t arch_cycles(void)
{
	static uint64_t now;

	return now += 1 << 26;
}

void klog(const char *fmt, ...)
{
	va_list ap;

	if (!getenv("VERBOSE"))
		return;
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
}

void kmsg(const char *fmt, ...)
{
	(void)fmt;
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

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("# panic: ");
	vprintf(fmt, ap);
	va_end(ap);
	exit(3);
}

uint64_t record_flags(void)
{
	return fake_record_flags;
}

const struct record_item *record_next(
	const struct record_item *after, uint32_t type)
{
	(void)after;
	(void)type;
	return NULL;
}

int boot_option(const char *key, unsigned nth, const char **value)
{
	(void)key;
	if (!fake_option || nth)
		return -ENOENT;
	*value = fake_option;
	return strcspn(fake_option, " ");
}

weak void virtio_pci_init(void)
{
}

weak void virtio_mmio_init(void)
{
}

/* --- the device ---------------------------------------------------------- */
static struct fake_device *fake_of(struct virtio_device *d)
{
	return container_of(d, struct fake_device, v);
}

static uint64_t get_features(struct virtio_device *d)
{
	return fake_of(d)->offered;
}

static int set_features(struct virtio_device *d, uint64_t features)
{
	CHECK(!(features & ~fake_of(d)->offered));
	return 0;
}

static uint8_t get_status(struct virtio_device *d)
{
	return fake_of(d)->status;
}

static void set_status(struct virtio_device *d, uint8_t status)
{
	struct fake_device *f = fake_of(d);

	if (f->refuse_features)
		status &= ~VIRTIO_S_FEATURES_OK;
	f->status = status;
}

static void read_config(
	struct virtio_device *d, unsigned off, void *dst, unsigned n)
{
	memcpy(dst, fake_of(d)->config + off, n);
}

static uint16_t queue_size(struct virtio_device *d, unsigned queue)
{
	return queue < FAKE_QUEUES ? fake_of(d)->q[queue].size : 0;
}

static int queue_setup(struct virtio_device *d, unsigned queue, uint16_t size,
	uint64_t desc_pa, uint64_t avail_pa, uint64_t used_pa)
{
	struct fake_queue *q = &fake_of(d)->q[queue];

	CHECK(size <= q->size && !(desc_pa & 15) && !(avail_pa & 1) &&
		!(used_pa & 3));
	q->size = size;
	q->seen = q->done = 0;
	q->desc = desc_pa;
	q->avail = avail_pa;
	q->used = used_pa;
	return 0;
}

static void notify(struct virtio_device *d, unsigned queue)
{
	fake_of(d)->q[queue].notified++;
}

static uint32_t ack_interrupt(struct virtio_device *d)
{
	(void)d;
	return 1;
}

const struct virtio_transport fake_transport = {
	.get_features = get_features,
	.set_features = set_features,
	.get_status = get_status,
	.set_status = set_status,
	.read_config = read_config,
	.queue_size = queue_size,
	.queue_setup = queue_setup,
	.notify = notify,
	.ack_interrupt = ack_interrupt,
};

void fake_init(struct fake_device *f, uint32_t device_id, uint64_t features,
	unsigned size)
{
	memset(f, 0, sizeof(*f));
	f->v.device_id = device_id;
	f->v.transport = &fake_transport;
	f->offered = features;
	for (unsigned i = 0; i < FAKE_QUEUES; i++)
		f->q[i].size = size;
}

static uint16_t *at16(uint64_t base, unsigned word)
{
	return (uint16_t *)(uintptr_t)base + word;
}

/* As a device tells when it wants to be notified: always. */
static void ask_notify(struct fake_device *f, struct fake_queue *q)
{
	if (f->v.features & VIRTIO_F_EVENT_IDX)
		*at16(q->used, 2 + 4 * q->size) = q->seen;
}

int fake_next(struct fake_device *f, unsigned queue)
{
	struct fake_queue *q = &f->q[queue];
	int head;

	if (*at16(q->avail, 1) == q->seen)
		return -1;
	head = *at16(q->avail, 2 + q->seen % q->size);
	q->seen++;
	ask_notify(f, q);
	CHECK(head < q->size);
	return head;
}

struct fake_desc {
	uint64_t pa;
	uint32_t len;
	uint16_t flags, next;
};

unsigned fake_pieces(
	struct fake_device *f, unsigned queue, int head, struct fake_piece *p)
{
	struct fake_desc *table =
		(struct fake_desc *)(uintptr_t)f->q[queue].desc;
	unsigned n = 0;

	for (;;) {
		struct fake_desc *d = &table[head];

		CHECK(n < f->q[queue].size && !(d->flags & ~3));
		p[n].data = (uint8_t *)(uintptr_t)d->pa;
		p[n].len = d->len;
		p[n].in = !!(d->flags & 2);
		CHECK(n == 0 || p[n].in || !p[n - 1].in);
		n++;
		if (!(d->flags & 1))
			return n;
		head = d->next;
		CHECK(head < f->q[queue].size);
	}
}

bool fake_done(struct fake_device *f, unsigned queue, uint32_t id, uint32_t len)
{
	struct fake_queue *q = &f->q[queue];
	uint32_t elem[2] = {id, len};
	uint16_t event, old = q->done;

	memcpy(at16(q->used, 2 + 4 * (q->done % q->size)), elem, sizeof(elem));
	q->done++;
	*at16(q->used, 1) = q->done;
	if (!(f->v.features & VIRTIO_F_EVENT_IDX))
		return !(*at16(q->avail, 0) & 1);
	event = *at16(q->avail, 2 + q->size);
	return (uint16_t)(q->done - event - 1) < (uint16_t)(q->done - old);
}

/* Drivers hold what they have until the machine ends. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

/* --- the tests ----------------------------------------------------------- */
void fake_fail(const char *file, int line, const char *what)
{
	printf("# %s:%d: %s\n", file, line, what);
	fflush(stdout);
	abort();
}

int fake_run(const struct fake_test *t, unsigned n)
{
	printf("1..%u\n", n);
	for (unsigned i = 0; i < n; i++) {
		t[i].run();
		printf("ok %u - %s\n", i + 1, t[i].name);
		fflush(stdout);
	}
	return 0;
}

uint32_t fake_random(void)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x >> 16;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What keel's drivers need of keel, on the host; and a virtio device. */
#ifndef TESTS_KEEL_FAKE_H
#define TESTS_KEEL_FAKE_H

#include "drivers/virtio.h"

enum { FAKE_QUEUES = 6 };

/* A device that reads the rings by itself, as the specification says. */
struct fake_queue {
	uint16_t size;
	uint16_t seen; /* of the avail ring */
	uint16_t done; /* used idx */
	uint64_t desc, avail, used;
	unsigned notified, interrupts;
};

struct fake_device {
	struct virtio_device v;
	uint64_t offered;
	uint8_t status;
	uint8_t config[64];
	struct fake_queue q[FAKE_QUEUES];
	bool refuse_features;
};

extern const struct virtio_transport fake_transport;
void fake_init(struct fake_device *f, uint32_t device_id, uint64_t features,
	unsigned size);

/* Takes the next request off the avail ring: its head, or -1. */
int fake_next(struct fake_device *f, unsigned queue);
struct fake_piece {
	uint8_t *data;
	uint32_t len;
	bool in; /* the device writes it */
};
unsigned fake_pieces(
	struct fake_device *f, unsigned queue, int head, struct fake_piece *p);
/* Puts it on the used ring; true: the driver wants an interrupt. */
bool fake_done(
	struct fake_device *f, unsigned queue, uint32_t id, uint32_t len);

/* Host address of physical address 0. */
extern uint64_t fake_pa_base;
/* Called whenever keel would sleep. */
extern void (*fake_idle)(void);
/* Called whenever interrupts come on, if not NULL. */
extern void (*fake_irq)(void);
/* page_total() and whether the n-th allocation from now fails (0: none). */
extern uint64_t fake_pages;
extern unsigned fake_fail_alloc;
extern uint64_t fake_record_flags;
extern const char *fake_option; /* the one on the command line, or NULL */

#define CHECK(x)                                           \
	do {                                               \
		if (!(x))                                  \
			fake_fail(__FILE__, __LINE__, #x); \
	} while (0)
void fake_fail(const char *file, int line, const char *what);
/* Runs each test, prints TAP; exit status for main. */
struct fake_test {
	const char *name;
	void (*run)(void);
};
int fake_run(const struct fake_test *t, unsigned n);
uint32_t fake_random(void); /* the same numbers each time */

#endif

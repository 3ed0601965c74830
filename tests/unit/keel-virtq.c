/* SPDX-License-Identifier: Apache-2.0 */
/* keel's virtqueue against a device that keeps the rules, and one that does
 * not. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "drivers/virtq.h"
#include "keel-fake.h"

static struct fake_device dev;
static struct virtq q;

static void start(uint64_t features, unsigned device_size, unsigned max)
{
	fake_init(&dev, 99, features, device_size);
	CHECK(virtio_negotiate(&dev.v, 0) == 0);
	CHECK(virtq_init(&q, &dev.v, 1, max) == 0);
	virtio_start(&dev.v);
}

static void stop(void)
{
	free(q.desc);
}

static void sizes(void)
{
	static const unsigned bad[] = {3, 5, 100, 65535, 40000};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fake_init(&dev, 99, 0, bad[i]);
		CHECK(virtq_init(&q, &dev.v, 0, 16) == -EINVAL);
	}
	fake_init(&dev, 99, 0, 0);
	CHECK(virtq_init(&q, &dev.v, 0, 16) == -ENODEV);
	CHECK(virtq_init(&q, &dev.v, FAKE_QUEUES, 16) == -ENODEV);
	start(VIRTIO_F_VERSION_1, 256, 16);
	CHECK(q.size == 16 && dev.q[1].size == 16);
	stop();
	start(0, 8, 16);
	CHECK(q.size == 8 && dev.q[1].used % 4096 == 0);
	stop();
	fake_init(&dev, 99, 0, 8);
	fake_fail_alloc = 1;
	CHECK(virtq_init(&q, &dev.v, 0, 16) == -ENOMEM);
}

static void refused_features(void)
{
	fake_init(&dev, 99, VIRTIO_F_VERSION_1, 8);
	dev.refuse_features = true;
	CHECK(virtio_negotiate(&dev.v, 0) == -EINVAL);
}

/* Random requests, finished in random order; each once, with its length. */
static void exchange(uint64_t features, unsigned size)
{
	enum { MOST = 64 };
	static uint8_t memory[MOST];
	int heads[MOST];
	uint32_t want_len[MOST], token, len;
	bool out[MOST] = {0};
	unsigned nheads = 0, in_flight = 0, total = 0, wanted = 0;

	start(features, size, MOST);
	for (unsigned step = 0; step < 200000; step++) {
		unsigned what = fake_random() % 4;

		if (what == 0) {
			struct virtq_buf b[4];
			unsigned n = 1 + fake_random() % 4, t;
			unsigned nin = fake_random() % (n + 1);
			int err;

			for (t = 0; t < MOST && out[t]; t++)
				;
			for (unsigned i = 0; i < n; i++) {
				b[i].pa = (uintptr_t)memory;
				b[i].len = 1 + i + t;
			}
			if (t == MOST)
				continue;
			err = virtq_add(&q, b, n - nin, nin, t);
			CHECK(err == 0 || err == -ENOSPC);
			if (err)
				continue;
			out[t] = true;
			want_len[t] = 0;
			for (unsigned i = n - nin; i < n; i++)
				want_len[t] += b[i].len;
			in_flight++;
		} else if (what == 1) {
			unsigned before = dev.q[1].notified;
			bool news = q.kicked != q.avail_idx;

			virtq_kick(&q);
			CHECK(dev.q[1].notified >= before + 0u);
			if (news && features == 0)
				CHECK(dev.q[1].notified == before + 1);
			while (nheads < MOST) {
				int h = fake_next(&dev, 1);

				if (h < 0)
					break;
				heads[nheads++] = h;
			}
		} else if (what == 2 && nheads) {
			struct fake_piece p[MOST];
			unsigned i = fake_random() % nheads, n;
			uint32_t bytes = 0;

			n = fake_pieces(&dev, 1, heads[i], p);
			for (unsigned k = 0; k < n; k++)
				bytes += p[k].in ? p[k].len : 0;
			wanted += fake_done(&dev, 1, heads[i], bytes);
			heads[i] = heads[--nheads];
		} else if (what == 3) {
			int err = virtq_take(&q, &token, &len);

			CHECK(err == 0 || err == -EAGAIN);
			if (err) {
				virtq_arm(&q, 1);
				continue;
			}
			CHECK(token < MOST && out[token]);
			CHECK(len == want_len[token]);
			out[token] = false;
			in_flight--;
			total++;
		}
	}
	CHECK(total > 10000 && wanted > 0 && in_flight <= MOST);
	stop();
}

static void legacy(void)
{
	exchange(0, 16);
}

static void modern(void)
{
	exchange(VIRTIO_F_VERSION_1, 32);
}

static void event_index(void)
{
	exchange(VIRTIO_F_VERSION_1 | VIRTIO_F_EVENT_IDX, 32);
	exchange(VIRTIO_F_EVENT_IDX, 4);
}

static void interrupts_only_when_armed(void)
{
	uint8_t data[16];
	struct virtq_buf b = {.pa = (uintptr_t)data, .len = 16};
	uint32_t token, len;

	start(VIRTIO_F_VERSION_1 | VIRTIO_F_EVENT_IDX, 8, 8);
	for (unsigned i = 0; i < 8; i++)
		CHECK(virtq_add(&q, &b, 1, 0, i) == 0);
	CHECK(virtq_add(&q, &b, 1, 0, 8) == -ENOSPC);
	virtq_kick(&q);
	virtq_kick(&q);
	CHECK(dev.q[1].notified == 1);
	CHECK(!fake_done(&dev, 1, fake_next(&dev, 1), 0));
	CHECK(virtq_arm(&q, 1));
	CHECK(virtq_take(&q, &token, &len) == 0 && token == 0);
	CHECK(!virtq_arm(&q, 3));
	CHECK(!fake_done(&dev, 1, fake_next(&dev, 1), 0));
	CHECK(!fake_done(&dev, 1, fake_next(&dev, 1), 0));
	CHECK(fake_done(&dev, 1, fake_next(&dev, 1), 0));
	virtq_disarm(&q);
	CHECK(!fake_done(&dev, 1, fake_next(&dev, 1), 0));
	stop();
}

/* One request of 16 bytes in is with the device. */
static uint8_t target[16];
static void start_one(void)
{
	struct virtq_buf b = {.pa = (uintptr_t)target, .len = 16};

	start(VIRTIO_F_VERSION_1, 8, 8);
	CHECK(virtq_add(&q, &b, 0, 1, 7) == 0);
	virtq_kick(&q);
}

static void must_break(void)
{
	uint32_t token, len;
	struct virtq_buf b = {.pa = (uintptr_t)target, .len = 16};

	CHECK(virtq_take(&q, &token, &len) == -EIO);
	CHECK(q.broken);
	CHECK(virtq_take(&q, &token, &len) == -EIO);
	CHECK(virtq_add(&q, &b, 0, 1, 7) == -EIO);
	CHECK(virtq_arm(&q, 1));
	stop();
}

static void id_out_of_range(void)
{
	static const uint32_t ids[] = {8, 0x10000, 0x80000000, UINT32_MAX};

	for (unsigned i = 0; i < 4; i++) {
		start_one();
		fake_done(&dev, 1, ids[i], 0);
		must_break();
	}
}

static void id_not_in_flight(void)
{
	start_one();
	fake_done(&dev, 1, 3, 0);
	must_break();
}

static void id_twice(void)
{
	uint32_t token, len;
	struct virtq_buf b = {.pa = (uintptr_t)target, .len = 16};

	start_one();
	CHECK(virtq_add(&q, &b, 0, 1, 8) == 0);
	fake_done(&dev, 1, 0, 4);
	fake_done(&dev, 1, 0, 4);
	CHECK(virtq_take(&q, &token, &len) == 0 && token == 7 && len == 4);
	must_break();
}

static void id_inside_of_a_chain(void)
{
	struct virtq_buf b[2] = {
		{(uintptr_t)target, 8}, {(uintptr_t)target + 8, 8}};

	start(VIRTIO_F_VERSION_1, 8, 8);
	CHECK(virtq_add(&q, b, 0, 2, 7) == 0);
	fake_done(&dev, 1, 1, 4);
	must_break();
}

static void more_used_than_given(void)
{
	start_one();
	fake_done(&dev, 1, 0, 0);
	fake_done(&dev, 1, 0, 0);
	must_break();
}

static void used_index_goes_back(void)
{
	start_one();
	((uint16_t *)(uintptr_t)dev.q[1].used)[1] = 0xffff;
	must_break();
}

static void length_is_cut(void)
{
	uint32_t token, len;

	start_one();
	fake_done(&dev, 1, 0, UINT32_MAX);
	CHECK(virtq_take(&q, &token, &len) == 0 && len == 16);
	stop();
}

/* The device scribbles over the descriptor table: the driver's own chains
 * are not there. */
static void descriptors_overwritten(void)
{
	struct virtq_buf b[3];
	uint32_t token, len;

	for (unsigned i = 0; i < 3; i++)
		b[i] = (struct virtq_buf){(uintptr_t)target, 4};
	start(VIRTIO_F_VERSION_1, 8, 8);
	for (unsigned round = 0; round < 100; round++) {
		CHECK(virtq_add(&q, b, 1, 2, round) == 0);
		memset((void *)(uintptr_t)dev.q[1].desc, 0xff, 8 * 16);
		fake_done(&dev, 1, fake_next(&dev, 1), 8);
		CHECK(virtq_take(&q, &token, &len) == 0);
		CHECK(token == round && len == 8 && virtq_idle(&q));
	}
	stop();
}

/* Only the direct map is linear; stacks and the image go page by page. */
static void physical_addresses(void)
{
	uint64_t base = 0xffff800000000000;
	size_t left;

	arch_direct_base = base;
	CHECK(virtq_pa((void *)(base + 0x5123), 9000, &left) == 0x5123);
	CHECK(left == 9000);
	CHECK(virtq_pa((void *)(base + (512ull << 30) + 0xff0), 32, &left) ==
		base + (512ull << 30) + 0xff0);
	CHECK(left == 16);
	CHECK(virtq_pa((void *)0x400ff8, 4, &left) == 0x400ff8 && left == 4);
	arch_direct_base = 0;
}

int main(void)
{
	static const struct fake_test tests[] = {
		{"queue sizes are checked", sizes},
		{"a device may refuse the features", refused_features},
		{"legacy layout: random traffic", legacy},
		{"modern layout: random traffic", modern},
		{"event index: random traffic", event_index},
		{"interrupts come only when asked for",
			interrupts_only_when_armed},
		{"refuses an id out of range", id_out_of_range},
		{"refuses an id not in flight", id_not_in_flight},
		{"refuses an id twice", id_twice},
		{"refuses an id inside of a chain", id_inside_of_a_chain},
		{"refuses more used than given", more_used_than_given},
		{"refuses a used index that goes back", used_index_goes_back},
		{"cuts a length to what was given", length_is_cut},
		{"trusts no descriptor that the device can write",
			descriptors_overwritten},
		{"physical addresses", physical_addresses},
	};

	return fake_run(tests, sizeof(tests) / sizeof(tests[0]));
}

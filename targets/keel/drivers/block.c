/* SPDX-License-Identifier: Apache-2.0 */
/* Block devices and partitions. */
#include "drivers/block.h"

#include <asm/errno.h>

#include "drivers/gpt.h"
#include "drivers/virtio.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "kern/string.h"
#include "mm/kmalloc.h"

/* Who looks for block devices wants their driver in the kernel: virtio.c
 * refers to it weakly only. */
extern const struct virtio_driver virtio_blk_driver;
const struct virtio_driver *const block_drivers[] = {&virtio_blk_driver};

static struct block_device *devices; /* in the order they were found */

static void append(struct block_device *d)
{
	struct block_device **p = &devices;

	while (*p)
		p = &(*p)->next;
	d->next = NULL;
	*p = d;
}

static int partition_rw(struct block_device *d, bool write, uint64_t sector,
	void *buf, size_t nsectors)
{
	if (sector > d->nsectors || nsectors > d->nsectors - sector)
		return -EIO;
	return d->parent->rw(
		d->parent, write, d->first + sector, buf, nsectors);
}

static int partition_flush(struct block_device *d)
{
	return d->parent->flush(d->parent);
}

static void partition_found(
	struct block_device *parent, const struct gpt_partition *p)
{
	struct block_device *d = kzalloc(sizeof(*d));

	if (!d) {
		klog("%s: no memory for partition %u\n", parent->name,
			p->number);
		return;
	}
	ksnprintf(d->name, sizeof(d->name), "%s%u", parent->name, p->number);
	d->nsectors = p->nsectors;
	d->read_only = parent->read_only;
	d->rw = partition_rw;
	d->flush = partition_flush;
	d->first = p->first;
	d->parent = parent;
	memcpy(d->type_guid, p->type, sizeof(d->type_guid));
	append(d);
}

void block_add(struct block_device *d)
{
	append(d);
	gpt_read(d, partition_found);
}

struct block_device *block_first(void)
{
	return devices;
}

struct block_device *block_find_root(void)
{
	/* As on disk: the first three fields are little endian. */
	static const uint8_t linux_data[16] = {0xaf, 0x3d, 0xc6, 0x0f, 0x83,
		0x84, 0x72, 0x47, 0x8e, 0x79, 0x3d, 0x69, 0xd8, 0x47, 0x7d,
		0xe4};
	struct block_device *d = devices;

	/* None of the disks is the image's: they are not looked into. */
	if (record_flags() & RECORD_F_NO_VDA)
		return NULL;
	for (; d; d = d->next) {
		if (d->parent &&
			!memcmp(d->type_guid, linux_data, sizeof(linux_data)))
			return d;
	}
	return NULL;
}

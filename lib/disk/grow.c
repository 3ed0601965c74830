/* SPDX-License-Identifier: Apache-2.0 */
/* A disk made larger: the last partition grows, the backup table moves. */
#include "disk/grow.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "disk/gpt.h"

enum { ALIGN = 2048, MIB = 1 << 20 }; /* sectors, bytes */

uint64_t disk_round_size(uint64_t size)
{
	return (size + MIB - 1) / MIB * MIB;
}

/* What was the backup table is now inside of the last partition. */
static int clear_backup(int fd, uint64_t nsectors, struct err *e)
{
	enum { TABLE = 33 * 512 };
	_free_ char *zeros = xcalloc(1, TABLE);

	return file_pwrite_all(
		fd, zeros, TABLE, nsectors * GPT_SECTOR - TABLE, e);
}

static struct gpt_part *last_part(struct gpt *g)
{
	struct gpt_part *last = &g->part[0];

	for (size_t i = 1; i < g->nparts; i++)
		if (g->part[i].last_lba > last->last_lba)
			last = &g->part[i];
	return last;
}

int disk_grow(int fd, uint64_t size, struct err *e)
{
	_free_ struct gpt *g = xcalloc(1, sizeof(*g));
	struct gpt_part *last;
	struct stat st;
	uint64_t old, end;
	int r;

	size = disk_round_size(size);
	if (fstat(fd, &st) < 0)
		return err_errno(e, "stat");
	if ((uint64_t)st.st_size > size)
		return err_set(e, -EINVAL,
			"%" PRIu64 " MiB are too few for the disk, which has "
			"%" PRIu64,
			size / MIB, (uint64_t)st.st_size / MIB);
	if ((uint64_t)st.st_size == size)
		return 0;
	r = gpt_read(fd, (uint64_t)st.st_size, g, e);
	if (r < 0)
		return r;
	old = g->nsectors;
	g->nsectors = size / GPT_SECTOR;
	last = last_part(g);
	/* Ends as even as starts, before the new backup table. */
	end = (g->nsectors - GPT_LAST_GAP + 1) / ALIGN * ALIGN;
	if (end > last->last_lba + 1)
		last->last_lba = end - 1;
	if (ftruncate(fd, (off_t)size) < 0)
		return err_errno(e, "make room");
	r = clear_backup(fd, old, e);
	return r < 0 ? r : gpt_write(g, fd, e);
}

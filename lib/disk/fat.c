/* SPDX-License-Identifier: Apache-2.0 */
/* Where the files of a FAT are (Microsoft FAT specification, 1.03). */
#include "disk/fat.h"

#include <errno.h>
#include <string.h>

#include "core/mem.h"

enum { ENTRY = 32, DEPTH_MAX = 8, FILES_MAX = 4096, RUNS_MAX = 1 << 18 };
enum { ATTR_VOLUME = 8, ATTR_FOLDER = 16, ATTR_LONG = 15 };

struct fat {
	const uint8_t *p;
	size_t len;
	uint32_t cluster, nclusters; /* bytes of one; how many */
	uint64_t table, root, data;  /* where they begin */
	uint64_t root_size;          /* 0 for FAT32 */
	uint32_t root_cluster;
	unsigned bits;
	fat_visit_fn *visit;
	void *arg;
	unsigned nfiles, nruns;
	uint32_t left; /* clusters that nothing had yet */
};

static uint32_t get(const uint8_t *p, unsigned n)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint32_t)p[i] << (8 * i);
	return v;
}

static int damaged(struct err *e)
{
	return err_set(e, -EINVAL, "damaged FAT");
}

static int read_header(struct fat *f, struct err *e)
{
	const uint8_t *p = f->p;
	uint64_t sector, per, reserved, fats, entries, total, size;

	if (f->len < 512 || p[510] != 0x55 || p[511] != 0xaa)
		return err_set(e, -EINVAL, "not a FAT");
	sector = get(p + 11, 2);
	per = p[13];
	reserved = get(p + 14, 2);
	fats = p[16];
	entries = get(p + 17, 2);
	total = get(p + 19, 2) ? get(p + 19, 2) : get(p + 32, 4);
	size = get(p + 22, 2) ? get(p + 22, 2) : get(p + 36, 4);
	if (sector < 512 || sector > 4096 || !per || !fats || !reserved)
		return err_set(e, -EINVAL, "not a FAT");
	f->cluster = (uint32_t)(sector * per);
	f->table = reserved * sector;
	f->root = f->table + fats * size * sector;
	f->root_size = entries * ENTRY;
	f->data = f->root + (f->root_size + sector - 1) / sector * sector;
	if (total * sector > f->len || f->data > total * sector)
		return damaged(e);
	f->nclusters = (uint32_t)((total * sector - f->data) / f->cluster);
	f->bits = f->nclusters < 4085 ? 12 : f->nclusters < 65525 ? 16 : 32;
	if (f->bits == 32)
		f->root_cluster = get(p + 44, 4);
	if (((uint64_t)f->nclusters + 2) * f->bits / 8 > size * sector)
		return damaged(e);
	return 0;
}

/* The next cluster of a chain; 0 at its end. */
static uint32_t next_cluster(const struct fat *f, uint32_t n)
{
	const uint8_t *at = f->p + f->table + (uint64_t)n * f->bits / 8;
	uint32_t v;

	if (f->bits == 12)
		v = (n & 1 ? get(at, 2) >> 4 : get(at, 2)) & 0xfff;
	else
		v = get(at, f->bits / 8) & 0x0fffffff;
	return v >= 2 && v - 2 < f->nclusters ? v : 0;
}

static const uint8_t *cluster_at(const struct fat *f, uint32_t n, uint64_t *at)
{
	*at = f->data + (uint64_t)(n - 2) * f->cluster;
	return f->p + *at;
}

static int walk_chain(struct fat *f, uint32_t first, const char *path,
	int depth, struct err *e);

/* "BOOTX64.EFI" of "BOOTX64 EFI". */
static void short_name(const uint8_t *p, char out[13])
{
	size_t n = 0, i;

	for (i = 0; i < 8 && p[i] != ' '; i++)
		out[n++] = (char)p[i];
	if (p[8] != ' ')
		out[n++] = '.';
	for (i = 8; i < 11 && p[i] != ' '; i++)
		out[n++] = (char)p[i];
	out[n] = 0;
}

/* One entry of a folder. 1: no more follow. */
static int walk_entry(struct fat *f, const uint8_t *p, const char *path,
	int depth, struct err *e)
{
	uint32_t first = get(p + 26, 2) | get(p + 20, 2) << 16;
	_free_ char *name = NULL;
	char base[13];

	if (!p[0])
		return 1;
	if (p[0] == 0xe5 || p[0] == '.' || p[11] & ATTR_VOLUME)
		return 0;
	if (f->bits != 32)
		first &= 0xffff;
	if (++f->nfiles > FILES_MAX || depth > DEPTH_MAX)
		return err_set(e, -E2BIG, "too many files in a FAT");
	short_name(p, base);
	name = xasprintf("%s%s%s", path, base, p[11] & ATTR_FOLDER ? "/" : "");
	if (first < 2 || first - 2 >= f->nclusters)
		return 0;
	return walk_chain(
		f, first, name, p[11] & ATTR_FOLDER ? depth + 1 : -1, e);
}

/* What is in one cluster of a folder. */
static int walk_folder(struct fat *f, const uint8_t *p, const char *path,
	int depth, struct err *e)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < f->cluster; i += ENTRY)
		r = walk_entry(f, p + i, path, depth, e);
	return r;
}

/* A folder's clusters (depth >= 0) with what is in them, or a file's; those
 * that follow each other are visited at once. */
static int walk_chain(struct fat *f, uint32_t first, const char *path,
	int depth, struct err *e)
{
	uint32_t n = first, next;
	uint64_t run = 0, at;
	int r;

	for (; n; n = next) {
		const uint8_t *p = cluster_at(f, n, &at);

		if (!f->left--)
			return damaged(e);
		next = next_cluster(f, n);
		run += f->cluster;
		if (next != n + 1) {
			if (++f->nruns > RUNS_MAX)
				return err_set(e, -E2BIG, "a FAT in pieces");
			f->visit(f->arg, path, at + f->cluster - run, run);
			run = 0;
		}
		r = depth >= 0 ? walk_folder(f, p, path, depth, e) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

int fat_walk(const uint8_t *p, size_t len, fat_visit_fn *visit, void *arg,
	struct err *e)
{
	struct fat f = {.p = p, .len = len, .visit = visit, .arg = arg};
	int r = read_header(&f, e);

	if (r < 0)
		return r;
	f.left = f.nclusters;
	visit(arg, NULL, 0, f.data);
	if (f.bits == 32)
		return f.root_cluster >= 2 && f.root_cluster - 2 < f.nclusters
			       ? walk_chain(&f, f.root_cluster, "", 0, e)
			       : damaged(e);
	for (uint64_t i = 0; r == 0 && i + ENTRY <= f.root_size; i += ENTRY)
		r = walk_entry(&f, p + f.root + i, "", 0, e);
	return r < 0 ? r : 0;
}

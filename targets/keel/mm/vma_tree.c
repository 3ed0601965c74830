/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of mappings: a treap with the largest gap of each subtree. */
#include "mm/vma_tree.h"

#include <asm/errno.h>

#include "fs/file.h"
#include "mm/kmalloc.h"

struct mutex vma_lock;
uint64_t vma_generation;
static struct vma *root;

static uint32_t next_priority(void)
{
	static uint32_t x = 2463534242; /* Marsaglia, xorshift */

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

/* Computes what v knows of its subtree from its children. */
static struct vma *pull(struct vma *v)
{
	const struct vma *l = v->left, *r = v->right;

	v->min = v->start;
	v->max = v->end;
	v->gap = 0;
	if (l) {
		v->min = l->min;
		v->gap = MAX(l->gap, v->start - l->max);
	}
	if (r) {
		v->max = r->max;
		v->gap = MAX(v->gap, MAX(r->gap, r->min - v->end));
	}
	return v;
}

static void split(struct vma *v, uint64_t addr, struct vma **l, struct vma **r)
{
	if (!v) {
		*l = *r = NULL;
	} else if (v->start < addr) {
		split(v->right, addr, &v->right, r);
		*l = pull(v);
	} else {
		split(v->left, addr, l, &v->left);
		*r = pull(v);
	}
}

static struct vma *merge(struct vma *l, struct vma *r)
{
	if (!l || !r)
		return l ? l : r;
	if (l->priority > r->priority) {
		l->right = merge(l->right, r);
		return pull(l);
	}
	r->left = merge(l, r->left);
	return pull(r);
}

struct vma *vma_find(uint64_t addr)
{
	struct vma *v = root, *best = NULL;

	while (v) {
		if (v->end > addr) {
			best = v;
			v = v->left;
		} else {
			v = v->right;
		}
	}
	return best;
}

void vma_add(struct vma *v)
{
	struct vma *l, *r;

	v->left = v->right = NULL;
	v->priority = next_priority();
	split(root, v->start, &l, &r);
	root = merge(merge(l, pull(v)), r);
	vma_generation++;
}

void vma_remove(struct vma *v)
{
	struct vma *l, *m, *r;

	split(root, v->start, &l, &m);
	split(m, v->end, &m, &r);
	root = merge(l, r);
	vma_generation++;
}

/* After a change of the end of the mapping that begins at `start`. */
static void update(struct vma *v, uint64_t start)
{
	if (start != v->start)
		update(start < v->start ? v->left : v->right, start);
	pull(v);
}

static void set_end(struct vma *v, uint64_t end)
{
	v->end = end;
	update(root, v->start);
	vma_generation++;
}

static uint64_t search_gap(
	const struct vma *v, uint64_t len, uint64_t lo, uint64_t hi)
{
	uint64_t at;

	if (hi < lo + len)
		return 0;
	if (!v)
		return hi - len;
	if (v->gap < len && v->min < lo + len && hi < v->max + len)
		return 0;
	at = search_gap(v->right, len, MAX(lo, v->end), hi);
	return at ? at : search_gap(v->left, len, lo, MIN(hi, v->start));
}

uint64_t vma_find_gap(uint64_t len, uint64_t lo, uint64_t hi)
{
	return search_gap(root, len, lo, hi);
}

int vma_cut(uint64_t addr)
{
	struct vma *v = vma_find(addr), *upper;

	if (!v || v->start >= addr)
		return 0;
	upper = kmalloc(sizeof(*upper));
	if (!upper)
		return -ENOMEM;
	*upper = *v;
	upper->start = addr;
	upper->offset += addr - v->start;
	if (v->file)
		file_get(v->file);
	set_end(v, addr);
	vma_add(upper);
	return 0;
}

static bool equal(const struct vma *a, const struct vma *b)
{
	return a->end == b->start && a->prot == b->prot &&
	       a->flags == b->flags && a->file == b->file &&
	       a->name == b->name && !(a->flags & VMA_IMAGE) &&
	       (!a->file || a->offset + (a->end - a->start) == b->offset);
}

void vma_join(uint64_t start, uint64_t end, struct vma **dead)
{
	struct vma *v = vma_find(start - 1), *next;

	for (; v && v->end <= end; v = next) {
		next = vma_find(v->end);
		if (!next || !equal(v, next))
			continue;
		vma_remove(next);
		set_end(v, next->end);
		next->left = *dead;
		*dead = next;
		next = v;
	}
}

int vma_carve(uint64_t start, uint64_t end, struct vma **dead)
{
	struct vma *v;

	for (v = vma_find(start); v && v->start < end; v = vma_find(v->end))
		if (v->flags & VMA_IMAGE)
			return -EPERM;
	if (vma_cut(start) || vma_cut(end))
		return -ENOMEM;
	while ((v = vma_find(start)) && v->start < end) {
		vma_zap(v->start, v->end);
		vma_remove(v);
		v->left = *dead;
		*dead = v;
	}
	return 0;
}

int vma_check_range(uint64_t start, uint64_t end)
{
	while (start < end) {
		const struct vma *v = vma_find(start);

		if (!v || v->start > start)
			return -ENOMEM;
		start = v->end;
	}
	return 0;
}

void vma_bury(struct vma *dead)
{
	while (dead) {
		struct vma *v = dead;

		dead = v->left;
		if (v->file)
			file_put_mapped(v->file);
		kfree(v);
	}
}

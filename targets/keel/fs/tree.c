/* SPDX-License-Identifier: Apache-2.0 */
/* The radix tree of a file's pages. */
#include "fs/pagecache.h"

#include "mm/kmalloc.h"

enum { NODE_SHIFT = 6, NODE_SLOTS = 1 << NODE_SHIFT };

struct node {
	uint64_t slot[NODE_SLOTS]; /* nodes, at the lowest level slots */
};

/* The last index that fits a tree of this height. */
static uint64_t last_index(unsigned height)
{
	if (height * NODE_SHIFT >= 64)
		return UINT64_MAX;
	return (1ULL << height * NODE_SHIFT) - 1;
}

static unsigned digit(uint64_t index, unsigned level)
{
	return index >> level * NODE_SHIFT & (NODE_SLOTS - 1);
}

/* A const tree still has slots that may be written. */
static uint64_t *root_of(const struct page_tree *t)
{
	return (uint64_t *)(uintptr_t)&t->root;
}

uint64_t *tree_slot(const struct page_tree *t, uint64_t index)
{
	uint64_t *s = root_of(t);

	if (index > last_index(t->height))
		return NULL;
	for (unsigned level = t->height; level--;) {
		struct node *n = (struct node *)*s;

		if (!n)
			return NULL;
		s = &n->slot[digit(index, level)];
	}
	return s;
}

/* Allocating may run the shrinker, which clears slots but no nodes. */
uint64_t *tree_slot_make(struct page_tree *t, uint64_t index)
{
	uint64_t *s = &t->root;

	while (index > last_index(t->height)) {
		struct node *n = NULL;

		if (t->root || t->height) {
			n = kzalloc(sizeof(*n));
			if (!n)
				return NULL;
			n->slot[0] = t->root;
		}
		t->root = (uint64_t)n;
		t->height++;
	}
	for (unsigned level = t->height; level--;) {
		struct node *n = (struct node *)*s;

		if (!n) {
			n = kzalloc(sizeof(*n));
			if (!n)
				return NULL;
			*s = (uint64_t)n;
		}
		s = &n->slot[digit(index, level)];
	}
	return s;
}

uint64_t *tree_next(const struct page_tree *t, uint64_t *index)
{
	uint64_t i = *index;

	while (i <= last_index(t->height)) {
		uint64_t *s = root_of(t);
		unsigned level = t->height;

		while (level && *s) {
			level--;
			s = &((struct node *)*s)->slot[digit(i, level)];
		}
		if (*s) {
			*index = i;
			return s;
		}
		/* Nothing below this slot: on to its neighbour. */
		i |= last_index(level);
		if (++i == 0)
			return NULL;
	}
	return NULL;
}

static void free_node(uint64_t slot, unsigned level)
{
	struct node *n = (struct node *)slot;

	if (!n)
		return;
	for (unsigned i = 0; level && i < NODE_SLOTS; i++)
		free_node(n->slot[i], level - 1);
	kfree(n);
}

void tree_free(struct page_tree *t)
{
	if (t->height)
		free_node(t->root, t->height - 1);
	t->root = 0;
	t->height = 0;
}

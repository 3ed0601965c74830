/* SPDX-License-Identifier: Apache-2.0 */
/* What will be inodes of the root filesystem, and which of two counts. */
#include "disk/nodes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"

enum { LINKS_MAX = 40 };

static void node_free(struct node *n)
{
	free(n->path);
	free(n->from);
	free(n->link);
}

void nodes_free(struct nodes *l)
{
	for (size_t i = 0; i < l->n; i++)
		node_free(&l->v[i]);
	free(l->v);
	*l = (struct nodes){0};
}

struct node *nodes_add(struct nodes *l, const char *path, enum node_rank rank)
{
	struct node *node;

	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 64;
		l->v = xreallocarray(l->v, l->cap, sizeof(*l->v));
	}
	node = &l->v[l->n++];
	*node = (struct node){.path = xstrdup(path), .mode = 0755};
	node->rank = rank;
	return node;
}

void nodes_add_parents(struct nodes *l, const char *path, enum node_rank rank)
{
	_free_ char *copy = xstrdup(path);
	char *slash;

	while ((slash = strrchr(copy, '/')) != NULL) {
		*slash = 0;
		nodes_add(l, copy, rank);
	}
	if (*path)
		nodes_add(l, "", rank);
}

static int compare_nodes(const void *a, const void *b)
{
	const struct node *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	return order ? order : (int)y->rank - (int)x->rank;
}

static int is_folder(const struct node *n)
{
	return !n->from && !n->link;
}

static int is_weak(const struct node *n)
{
	return n->rank == NODE_WEAK || n->rank == NODE_ABOVE;
}

/* --- links of what is weak -------------------------------------------------*/

/* Sorted by path; borrows from the nodes. */
static void weak_links(const struct nodes *l, struct nodes *links)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].rank == NODE_WEAK && l->v[i].link) {
			struct node *n =
				nodes_add(links, l->v[i].path, NODE_WEAK);

			n->link = xstrdup(l->v[i].link);
		}
	if (links->n)
		qsort(links->v, links->n, sizeof(*links->v), compare_nodes);
}

static const struct node *find(const struct nodes *sorted, const char *path)
{
	struct node key = {.path = xstrdup(path), .rank = NODE_WEAK};
	const struct node *n = NULL;

	if (sorted->n)
		n = bsearch(
			&key, sorted->v, sorted->n, sizeof(key), compare_nodes);
	free(key.path);
	return n;
}

static void go_up(struct buf *at)
{
	while (at->len && at->data[--at->len] != '/')
		;
	at->data[at->len] = 0;
}

/* Where a relative path leads; NULL: in circles. With `last`, its last part
 * is followed, too. Caller frees. */
static char *through(const struct nodes *links, const char *path, int last)
{
	_free_ char *rest = xstrdup(path);
	struct buf at = {0};
	unsigned count = 0;

	buf_adds(&at, "");
	for (;;) {
		char *part = rest + strspn(rest, "/");
		size_t n = strcspn(part, "/");
		char *after = xstrdup(part + n);
		const struct node *link = NULL;

		part[n] = 0;
		if (!strcmp(part, "..")) {
			go_up(&at);
		} else if (n && strcmp(part, ".") != 0) {
			buf_addf(&at, "%s%s", at.len ? "/" : "", part);
			if (last || after[strspn(after, "/")])
				link = find(links, at.data);
		}
		if (link) {
			char *more = xasprintf("%s/%s", link->link, after);

			free(after);
			after = more;
			go_up(&at);
			if (*link->link == '/') {
				at.len = 0;
				at.data[0] = 0;
			}
		}
		free(rest);
		rest = after;
		if (!rest[strspn(rest, "/")])
			return buf_steal(&at);
		if (link && ++count > LINKS_MAX) {
			buf_free(&at);
			return NULL;
		}
	}
}

static int follow_links(struct nodes *l, struct err *e)
{
	_nodes_ struct nodes links = {0};
	size_t n = l->n;

	weak_links(l, &links);
	for (size_t i = 0; links.n && i < n; i++) {
		char *to;

		if (is_weak(&l->v[i]))
			continue;
		to = through(&links, l->v[i].path, is_folder(&l->v[i]));
		if (!to)
			return err_set(e, -ELOOP,
				"/%s: collected links lead in circles",
				l->v[i].path);
		if (strcmp(to, l->v[i].path) != 0)
			nodes_add_parents(l, to, NODE_PARENT);
		free(l->v[i].path);
		l->v[i].path = to;
	}
	return 0;
}

/* --- the order -------------------------------------------------------------*/

/* Is it below a file or link, in what is sorted and single? */
static int is_below_file(const struct nodes *l, const char *path)
{
	_free_ char *up = xstrdup(path);
	char *slash;

	while ((slash = strrchr(up, '/')) != NULL) {
		size_t low = 0, high = l->n;

		*slash = 0;
		while (low < high) {
			size_t mid = low + (high - low) / 2;

			if (strcmp(l->v[mid].path, up) < 0)
				low = mid + 1;
			else
				high = mid;
		}
		if (low < l->n && !strcmp(l->v[low].path, up) &&
			!is_folder(&l->v[low]))
			return 1;
	}
	return 0;
}

/* What was collected below something that is listed as a file or link. */
static void drop_hidden(struct nodes *l)
{
	size_t n = 0;
	_free_ char *hidden = xcalloc(l->n + 1, 1);

	for (size_t i = 0; i < l->n; i++)
		hidden[i] = is_weak(&l->v[i]) && is_below_file(l, l->v[i].path);
	for (size_t i = 0; i < l->n; i++) {
		if (hidden[i])
			node_free(&l->v[i]);
		else
			l->v[n++] = l->v[i];
	}
	l->n = n;
}

/* Of two nodes of one path, whether the lower one may be forgotten. */
static int check_pair(
	const struct node *kept, const struct node *other, struct err *e)
{
	if (kept->rank == NODE_LISTED && other->rank == NODE_LISTED)
		return err_set(e, -EEXIST, "/%s is there twice", kept->path);
	if (is_folder(other) == is_folder(kept))
		return 0;
	/* A listed file takes the place of a collected folder. */
	if (!is_folder(kept) && !is_weak(kept) && is_weak(other))
		return 0;
	return err_set(
		e, -EEXIST, "/%s is both a folder and a file", kept->path);
}

int nodes_settle(struct nodes *l, struct err *e)
{
	int had_weak = 0, r = follow_links(l, e);
	size_t n = 0;

	if (r < 0)
		return r;
	qsort(l->v, l->n, sizeof(*l->v), compare_nodes);
	for (size_t i = 0; i < l->n; i++) {
		struct node *node = &l->v[i], *last = n ? &l->v[n - 1] : NULL;

		had_weak |= node->rank == NODE_WEAK;
		if (!last || strcmp(last->path, node->path) != 0) {
			struct node swap = l->v[n];

			l->v[n++] = *node;
			if (&l->v[n - 1] != node)
				*node = swap;
		} else if (r == 0) {
			r = check_pair(last, node, e);
		}
	}
	for (size_t i = n; i < l->n; i++)
		node_free(&l->v[i]);
	l->n = n;
	if (r == 0 && had_weak)
		drop_hidden(l);
	return r;
}

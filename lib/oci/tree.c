/* SPDX-License-Identifier: Apache-2.0 */
/* The tree that layers make: names, links, whiteouts. */
#include "oci/tree.h"

#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"

enum { HOPS_MAX = 40 };

static int compare_names(const void *a, const void *b)
{
	const struct oci_node *x = a, *y = b;

	return strcmp(x->name, y->name);
}

struct oci_inode *oci_inode_new(enum oci_type type)
{
	struct oci_inode *i = xcalloc(1, sizeof(*i));

	i->type = type;
	i->mode = 0755;
	return i;
}

static void release_inode(struct oci_tree *t, struct oci_inode *i)
{
	if (i->names && --i->names)
		return;
	if (i->content && t->drop)
		t->drop(i->content, t->arg);
	free(i->link);
	free(i);
}

void oci_tree_init(struct oci_tree *t)
{
	*t = (struct oci_tree){.root = xcalloc(1, sizeof(*t->root))};
	t->root->name = xstrdup("");
	t->root->parent = t->root;
	t->root->inode = oci_inode_new(OCI_DIR);
	t->root->inode->names = 1;
}

struct children {
	void **v;
	size_t n;
};

static void collect(const void *at, VISIT order, void *arg)
{
	struct children *c = arg;

	if (order == postorder || order == leaf)
		c->v[c->n++] = *(void *const *)at;
}

/* All of a folder, sorted, NULL behind them; to be freed. */
static void **children_of(const struct oci_node *n)
{
	struct children c = {xcalloc(n->nchildren + 1, sizeof(*c.v)), 0};

	twalk_r(n->children, collect, &c);
	return c.v;
}

static void free_node(struct oci_tree *t, struct oci_node *n)
{
	release_inode(t, n->inode);
	free(n->name);
	free(n);
	t->nnodes--;
}

static void keep_key(void *key)
{
	(void)key;
}

/* All that is in a folder, and below; depth is bounded. */
static void empty_folder(struct oci_tree *t, struct oci_node *folder)
{
	_free_ void **v = children_of(folder);

	tdestroy(folder->children, keep_key);
	folder->children = NULL;
	folder->nchildren = 0;
	for (size_t i = 0; v[i]; i++) {
		empty_folder(t, v[i]);
		free_node(t, v[i]);
	}
}

static void remove_node(struct oci_tree *t, struct oci_node *n)
{
	empty_folder(t, n);
	tdelete(n, &n->parent->children, compare_names);
	n->parent->nchildren--;
	free_node(t, n);
}

void oci_tree_free(struct oci_tree *t)
{
	if (!t->root)
		return;
	t->drop = NULL;
	empty_folder(t, t->root);
	t->nnodes++;
	free_node(t, t->root);
	t->root = NULL;
}

struct oci_node *oci_tree_child(const struct oci_node *folder, const char *name)
{
	const struct oci_node key = {.name = (char *)(uintptr_t)name};
	struct oci_node **found = tfind(&key, &folder->children, compare_names);

	return found ? *found : NULL;
}

char *oci_tree_path(const struct oci_node *n)
{
	_free_ char *up = NULL;

	if (n->parent == n)
		return xstrdup("/");
	up = oci_tree_path(n->parent);
	return xasprintf("%s/%s", strcmp(up, "/") != 0 ? up : "", n->name);
}

/* --- resolving ------------------------------------------------------------*/

struct path {
	struct oci_tree *t;
	unsigned layer;
	int create, hops;
	struct err *e;
};

static struct oci_node *add_child(struct oci_tree *t, struct oci_node *folder,
	const char *name, struct oci_inode *inode, unsigned layer)
{
	struct oci_node *n = xcalloc(1, sizeof(*n));

	n->name = xstrdup(name);
	n->parent = folder;
	n->inode = inode;
	n->layer = layer;
	n->depth = folder->depth + 1;
	inode->names++;
	if (!tsearch(n, &folder->children, compare_names))
		abort(); /* no memory: as xmalloc ends */
	folder->nchildren++;
	t->nnodes++;
	return n;
}

static int check_room(
	const struct oci_tree *t, const struct oci_node *folder, struct err *e)
{
	if (t->nnodes >= OCI_NODES_MAX)
		return err_set(e, -EFBIG, "more than %d names", OCI_NODES_MAX);
	if (folder->depth >= OCI_DEPTH_MAX)
		return err_set(e, -ENAMETOOLONG,
			"folders are nested more than %d deep", OCI_DEPTH_MAX);
	return 0;
}

static struct oci_node *walk(
	struct path *p, struct oci_node *at, const char *path, size_t len);

/* One part of a path: the folder that it is, or leads to. */
static struct oci_node *enter(
	struct path *p, struct oci_node *at, const char *name)
{
	struct oci_node *n;

	if (!*name || !strcmp(name, "."))
		return at;
	if (!strcmp(name, ".."))
		return at->parent;
	n = oci_tree_child(at, name);
	if (!n) {
		if (!p->create) {
			err_set(p->e, -ENOENT, "%s is not there", name);
			return NULL;
		}
		if (check_room(p->t, at, p->e) < 0)
			return NULL;
		return add_child(
			p->t, at, name, oci_inode_new(OCI_DIR), p->layer);
	}
	if (n->inode->type == OCI_DIR)
		return n;
	if (n->inode->type == OCI_FILE) {
		err_set(p->e, -ENOTDIR, "%s is not a folder", name);
		return NULL;
	}
	if (++p->hops > HOPS_MAX) {
		err_set(p->e, -ELOOP, "%s: too many links", name);
		return NULL;
	}
	return walk(p, *n->inode->link == '/' ? p->t->root : at, n->inode->link,
		strlen(n->inode->link));
}

static struct oci_node *walk(
	struct path *p, struct oci_node *at, const char *path, size_t len)
{
	char name[NAME_MAX + 1];

	for (size_t i = 0, n; at && i < len; i += n + 1) {
		n = strcspn(path + i, "/");
		if (n > len - i)
			n = len - i;
		if (n > NAME_MAX) {
			err_set(p->e, -ENAMETOOLONG, "a name is too long");
			return NULL;
		}
		memcpy(name, path + i, n);
		name[n] = 0;
		at = enter(p, at, name);
	}
	return at;
}

/* A path of an archive has no "..", and is below the root either way. */
static int check_path(const char *path, struct err *e)
{
	if (strlen(path) >= PATH_MAX)
		return err_set(e, -ENAMETOOLONG, "the path is too long");
	for (const char *p = path; *p; p += strcspn(p, "/")) {
		p += strspn(p, "/");
		if (!strncmp(p, "..", 2) && (!p[2] || p[2] == '/'))
			return err_set(
				e, -EINVAL, "the path leads out of the root");
	}
	return 0;
}

int oci_tree_place(struct oci_tree *t, const char *path, unsigned layer,
	struct oci_node **folder, char **hold, const char **name, struct err *e)
{
	struct path p = {.t = t, .layer = layer, .create = 1, .e = e};
	_free_ char *copy = xstrdup(path);
	size_t len = strlen(copy), start;
	int r = check_path(path, e);

	if (r < 0)
		return r;
	while (len && (copy[len - 1] == '/' ||
			      (copy[len - 1] == '.' &&
				      (len == 1 || copy[len - 2] == '/'))))
		copy[--len] = 0;
	for (start = len; start && copy[start - 1] != '/'; start--)
		;
	if (len - start > NAME_MAX)
		return err_set(e, -ENAMETOOLONG, "a name is too long");
	*folder = walk(&p, t->root, copy, start);
	if (!*folder)
		return e->code;
	*name = copy + start;
	*hold = steal_ptr(copy);
	return 0;
}

struct oci_node *oci_tree_find(struct oci_tree *t, const char *path)
{
	struct err ignored;
	struct path p = {.t = t, .e = &ignored};
	_free_ char *copy = xstrdup(path);
	struct oci_node *n, *folder = t->root;

	for (;;) {
		const char *slash = strrchr(copy, '/');
		const char *last = slash ? slash + 1 : copy;

		if (!strcmp(last, ".") || !strcmp(last, ".."))
			last += strlen(last);
		folder = walk(&p, folder, copy, (size_t)(last - copy));
		if (!folder || !*last)
			return folder;
		n = oci_tree_child(folder, last);
		if (!n || n->inode->type != OCI_LINK)
			return n;
		if (++p.hops > HOPS_MAX)
			return NULL;
		if (*n->inode->link == '/')
			folder = t->root;
		free(copy);
		copy = xstrdup(n->inode->link);
	}
}

/* --- changes --------------------------------------------------------------*/

static void set_root(
	struct oci_tree *t, const struct oci_inode *from, unsigned layer)
{
	struct oci_inode *i = t->root->inode;

	i->mode = from->mode;
	i->uid = from->uid;
	i->gid = from->gid;
	i->mtime = from->mtime;
	t->root->layer = layer;
}

int oci_tree_set(struct oci_tree *t, struct oci_node *folder, const char *name,
	struct oci_inode *inode, unsigned layer, struct err *e)
{
	struct oci_node *old;
	int r = 0;

	if (!*name) {
		if (inode->type == OCI_DIR)
			set_root(t, inode, layer);
		else
			r = err_set(e, -EINVAL, "the root is not a folder");
		if (!inode->names)
			release_inode(t, inode);
		return r;
	}
	old = oci_tree_child(folder, name);
	if (!old)
		r = check_room(t, folder, e);
	if (r < 0) {
		if (!inode->names)
			release_inode(t, inode);
		return r;
	}
	inode->names++; /* so that it outlives the old one of its name */
	if (old && old->inode->type == OCI_DIR && inode->type == OCI_DIR) {
		release_inode(t, old->inode);
		old->inode = inode;
		old->layer = layer;
		return 0;
	}
	if (old)
		remove_node(t, old);
	add_child(t, folder, name, inode, layer);
	inode->names--;
	return 0;
}

/* A name of a lower layer goes, unless this layer has something below it. */
static void hide_node(struct oci_tree *t, struct oci_node *n, unsigned layer)
{
	oci_tree_hide_all(t, n, layer);
	if (n->layer != layer && !n->nchildren)
		remove_node(t, n);
}

void oci_tree_hide_all(
	struct oci_tree *t, struct oci_node *folder, unsigned layer)
{
	_free_ void **v = children_of(folder);

	for (size_t i = 0; v[i]; i++)
		hide_node(t, v[i], layer);
}

void oci_tree_hide(struct oci_tree *t, struct oci_node *folder,
	const char *name, unsigned layer)
{
	struct oci_node *n = oci_tree_child(folder, name);

	if (n)
		hide_node(t, n, layer);
}

/* --- walking --------------------------------------------------------------*/

static int visit_all(const struct oci_node *folder, const char *path,
	oci_visit_fn *fn, void *arg, struct err *e)
{
	_free_ void **v = children_of(folder);
	int r = 0;

	for (size_t i = 0; v[i] && r == 0; i++) {
		const struct oci_node *n = v[i];
		_free_ char *at = xasprintf("%s/%s", path, n->name);

		r = fn(n, at, arg, e);
		if (r == 0)
			r = visit_all(n, at, fn, arg, e);
	}
	return r;
}

int oci_tree_walk(
	const struct oci_tree *t, oci_visit_fn *fn, void *arg, struct err *e)
{
	return visit_all(t->root, "", fn, arg, e);
}

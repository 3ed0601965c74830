/* SPDX-License-Identifier: Apache-2.0 */
/* A root filesystem as layers make it: names in memory, contents elsewhere. */
#ifndef OCI_TREE_H
#define OCI_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/*
 * Names are resolved here and nowhere else, as if the root were "/": an
 * absolute link begins at it, ".." ends at it. So nothing that a layer says
 * can be outside, whatever folders and links it brings.
 */
enum oci_type { OCI_DIR, OCI_FILE, OCI_LINK };

enum {
	OCI_DEPTH_MAX = 120,     /* of folders, as lib/disk/erofs.h walks */
	OCI_NODES_MAX = 1 << 20, /* names at once */
};

struct oci_inode {
	enum oci_type type;
	unsigned mode; /* 07777 */
	unsigned uid, gid;
	int64_t mtime;
	uint64_t content; /* of a file: number of its bytes' file, from 1 */
	char *link;       /* of a symbolic link */
	unsigned names;   /* that it has */
};

struct oci_node {
	char *name;
	struct oci_node *parent; /* of the root: itself */
	struct oci_inode *inode;
	void *children; /* of a folder: a tree of tsearch(3) */
	size_t nchildren;
	unsigned layer; /* that brought it, from 1; 0: nobody said it */
	unsigned depth;
};

struct oci_tree {
	struct oci_node *root;
	size_t nnodes;
	/* Called for the content of a file that has no name any more. */
	void (*drop)(uint64_t content, void *arg);
	void *arg;
};

void oci_tree_init(struct oci_tree *t);
void oci_tree_free(struct oci_tree *t);
#define _oci_tree_ __attribute__((cleanup(oci_tree_free)))

/*
 * Splits a path of an archive: the folder of its last part, with links
 * followed and folders made (0755) where they are missing, and that part
 * ("": the root itself). `hold` is a buffer that *name points into, the
 * caller frees it. -EINVAL: ".." in it, or not a name.
 */
int oci_tree_place(struct oci_tree *t, const char *path, unsigned layer,
	struct oci_node **folder, char **hold, const char **name,
	struct err *e);
/* What a path of the finished tree leads to, links followed; NULL: nothing */
struct oci_node *oci_tree_find(struct oci_tree *t, const char *path);
struct oci_node *oci_tree_child(
	const struct oci_node *folder, const char *name);
/* The path without links, "/etc/passwd"; caller frees. */
char *oci_tree_path(const struct oci_node *n);

/*
 * A name in a folder, in place of what has it. A folder stays one, with its
 * contents, if it is one already. The inode is counted; it is freed if it
 * has no name and the call fails. `name` "" is the root.
 */
int oci_tree_set(struct oci_tree *t, struct oci_node *folder, const char *name,
	struct oci_inode *inode, unsigned layer, struct err *e);
struct oci_inode *oci_inode_new(enum oci_type type);

/* Whiteouts: what lower layers than `layer` have of that name; of all names
 * in the folder. */
void oci_tree_hide(struct oci_tree *t, struct oci_node *folder,
	const char *name, unsigned layer);
void oci_tree_hide_all(
	struct oci_tree *t, struct oci_node *folder, unsigned layer);

/* Each name but the root, folders before what is in them, bytewise sorted in
 * a folder. Stops at not 0. */
typedef int oci_visit_fn(
	const struct oci_node *n, const char *path, void *arg, struct err *e);
int oci_tree_walk(
	const struct oci_tree *t, oci_visit_fn *fn, void *arg, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What will be inodes of the root filesystem, and which of two counts. */
#ifndef DISK_NODES_H
#define DISK_NODES_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/* Of the same path the highest wins. */
enum node_rank {
	NODE_ABOVE,  /* a folder above something that was collected */
	NODE_PARENT, /* above something else */
	NODE_WEAK,   /* collected */
	NODE_TREE,   /* inside a listed folder */
	NODE_LISTED,
};

struct node {
	char *path; /* relative; "" is the root */
	char *from; /* regular file, or NULL */
	char *link; /* symlink target, or NULL; neither: a folder */
	unsigned mode, uid, gid;
	int64_t mtime; /* 0: the epoch */
	int own;       /* nobody changes `from`: nodes of one are one file */
	enum node_rank rank;
};

struct nodes {
	struct node *v;
	size_t n, cap;
};
void nodes_free(struct nodes *l);
#define _nodes_ __attribute__((cleanup(nodes_free)))

/* A folder of 0755 and 0:0 to be filled in; stays in place until the next. */
struct node *nodes_add(struct nodes *l, const char *path, enum node_rank rank);
/* Folders above `path`, the root included. */
void nodes_add_parents(struct nodes *l, const char *path, enum node_rank rank);

/*
 * Sorts by path, with one node for each. What is listed goes where weak
 * links lead ("/lib/x" below a link /lib), and what is weak goes away below
 * a file or link that is not. Anything else that cannot be is an error.
 */
int nodes_settle(struct nodes *l, struct err *e);

#endif

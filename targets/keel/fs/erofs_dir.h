/* SPDX-License-Identifier: Apache-2.0 */
/* Directories of EROFS: blocks of sorted entries. */
#ifndef FS_EROFS_DIR_H
#define FS_EROFS_DIR_H

#include "fs/inode.h"

/* As struct inode_ops says. */
int erofs_lookup(struct inode *dir, struct name name, uint64_t *nid);
int erofs_list(struct inode *dir, inode_list_fn *fn, void *arg);

#endif

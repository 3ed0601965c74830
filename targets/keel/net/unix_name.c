/* SPDX-License-Identifier: Apache-2.0 */
/* Names of AF_UNIX sockets: paths and abstract ones. */
#include <asm/errno.h>
#include <linux/stat.h>

#include "fs/names.h"
#include "kern/log.h"
#include "kern/string.h"
#include "mm/kmalloc.h"
#include "net/unix.h"

enum {
	FAMILY_LEN = 2, /* where the path begins */
	LEN_MAX = FAMILY_LEN + 108,
	BUCKETS = 64,
	AUTO_NAMES = 1 << 20, /* five digits */
};

/* Sockets that can be found, by inode or by abstract name. */
static struct unix_sock *bucket[BUCKETS];

void unix_name_put(struct unix_name *n)
{
	if (n && !--n->count)
		kfree(n);
}

int unix_check_name(const struct sockaddr_storage *a, unsigned len)
{
	if (len <= FAMILY_LEN || len > LEN_MAX || a->family != AF_UNIX)
		return -EINVAL;
	return 0;
}

/* A path ends at its NUL or at the address's end; behind it are zeros. */
static unsigned path_len(const struct sockaddr_storage *a, unsigned len)
{
	return (unsigned)strnlen(a->data, len - FAMILY_LEN);
}

static struct unix_name *name_new(
	const struct sockaddr_storage *a, unsigned len)
{
	struct unix_name *n = kzalloc(sizeof(*n));

	if (!n)
		return NULL;
	n->count = 1;
	n->len = len;
	memcpy(&n->a, a, len);
	return n;
}

static struct unix_sock **slot_of_inode(const struct inode *ino)
{
	return &bucket[(uintptr_t)ino / sizeof(*ino) % BUCKETS];
}

/* Types have names apart from each other. */
static struct unix_sock **slot_of_name(
	const struct sockaddr_storage *a, unsigned len, int type)
{
	unsigned h = (unsigned)type;

	for (unsigned i = 0; i < len - FAMILY_LEN; i++)
		h = h * 31 + (uint8_t)a->data[i];
	return &bucket[h % BUCKETS];
}

static struct unix_sock *find_abstract(
	const struct sockaddr_storage *a, unsigned len, int type)
{
	struct unix_sock *u = *slot_of_name(a, len, type);

	while (u && (u->inode || u->type != type || u->name->len != len ||
			    memcmp(&u->name->a, a, len) != 0))
		u = u->hash_next;
	return u;
}

static void enter(struct unix_sock *u, struct unix_sock **slot)
{
	u->hash_next = *slot;
	u->hash = slot;
	if (*slot)
		(*slot)->hash = &u->hash_next;
	*slot = u;
}

static int bind_abstract(
	struct unix_sock *u, const struct sockaddr_storage *a, unsigned len)
{
	struct unix_name *n;

	if (find_abstract(a, len, u->type))
		return -EADDRINUSE;
	n = name_new(a, len);
	if (!n)
		return -ENOMEM;
	u->name = n;
	enter(u, slot_of_name(a, len, u->type));
	return 0;
}

static int bind_path(
	struct unix_sock *u, const struct sockaddr_storage *a, unsigned len)
{
	unsigned path = path_len(a, len);
	struct unix_name *n = name_new(a, FAMILY_LEN + path);
	struct dentry *d;
	int err;

	if (!n)
		return -ENOMEM;
	n->len++; /* with the NUL */
	mutex_lock(&vfs_lock);
	err = name_mknod(fs_cwd, n->a.data, S_IFSOCK | (0777 & ~fs_umask), 0);
	if (err == -EEXIST)
		err = -EADDRINUSE;
	if (!err && u->name) {
		name_unlink(fs_cwd, n->a.data);
		err = -EINVAL;
	}
	if (!err)
		err = path_walk(fs_cwd, n->a.data, 0, &d);
	if (!err) {
		u->inode = d->inode;
		inode_get(u->inode);
		u->name = n;
		n = NULL;
		enter(u, slot_of_inode(u->inode));
		dentry_put(d);
	}
	mutex_unlock(&vfs_lock);
	unix_name_put(n);
	return err;
}

int unix_autobind(struct unix_sock *u)
{
	static unsigned next;
	struct sockaddr_storage a = {.family = AF_UNIX};
	unsigned len = FAMILY_LEN + 6;

	if (u->name)
		return 0;
	for (unsigned tries = 0; tries < AUTO_NAMES; tries++) {
		ksnprintf(a.data + 1, 6, "%05x", next++ % AUTO_NAMES);
		if (!find_abstract(&a, len, u->type))
			return bind_abstract(u, &a, len);
	}
	return -ENOSPC;
}

int unix_bind(
	struct unix_sock *u, const struct sockaddr_storage *a, unsigned len)
{
	int err;

	if (len == FAMILY_LEN && a->family == AF_UNIX)
		return unix_autobind(u);
	err = unix_check_name(a, len);
	if (err)
		return err;
	if (a->data[0])
		return bind_path(u, a, len);
	return u->name ? -EINVAL : bind_abstract(u, a, len);
}

void unix_unbind(struct unix_sock *u)
{
	if (u->hash) {
		*u->hash = u->hash_next;
		if (u->hash_next)
			u->hash_next->hash = u->hash;
		u->hash = NULL;
	}
	if (u->inode) {
		mutex_lock(&vfs_lock);
		inode_put(u->inode);
		mutex_unlock(&vfs_lock);
		u->inode = NULL;
	}
}

static struct unix_sock *find_inode(const struct inode *ino)
{
	struct unix_sock *u = *slot_of_inode(ino);

	while (u && u->inode != ino)
		u = u->hash_next;
	return u;
}

static int find_path(const char *path, struct unix_sock **out)
{
	struct dentry *d;
	int err;

	mutex_lock(&vfs_lock);
	err = path_walk(fs_cwd, path, WALK_FOLLOW, &d);
	if (!err) {
		*out = find_inode(d->inode);
		if (*out)
			unix_get(*out);
		else
			err = -ECONNREFUSED;
		dentry_put(d);
	}
	mutex_unlock(&vfs_lock);
	return err;
}

int unix_find(const struct sockaddr_storage *a, unsigned len, int type,
	struct unix_sock **out)
{
	char path[LEN_MAX - FAMILY_LEN + 1] = "";
	int err;

	if (!a->data[0]) {
		*out = find_abstract(a, len, type);
		if (!*out)
			return -ECONNREFUSED;
		unix_get(*out);
		return 0;
	}
	memcpy(path, a->data, path_len(a, len));
	err = find_path(path, out);
	if (!err && (*out)->type != type) {
		unix_put(*out);
		*out = NULL;
		err = -EPROTOTYPE;
	}
	return err;
}

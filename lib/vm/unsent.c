/* SPDX-License-Identifier: Apache-2.0 */
/* Whether TCP peers of a process have all that it sent: by /proc. */
#include "vm/unsent.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/mem.h"

struct inodes {
	unsigned long *v;
	size_t n;
};

static int compare(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a;
	unsigned long y = *(const unsigned long *)b;

	return (x > y) - (x < y);
}

static void add_inode(struct inodes *l, const char *dir, const char *name)
{
	_free_ char *path = xasprintf("%s/%s", dir, name);
	unsigned long inode;
	char to[64];
	ssize_t n = readlink(path, to, sizeof(to) - 1);

	if (n < 0)
		return;
	to[n] = 0;
	if (sscanf(to, "socket:[%lu]", &inode) != 1)
		return;
	l->v = xreallocarray(l->v, l->n + 1, sizeof(*l->v));
	l->v[l->n++] = inode;
}

/* The sockets of a process, sorted. */
static void find_sockets(pid_t pid, struct inodes *l)
{
	_free_ char *path = xasprintf("/proc/%d/fd", (int)pid);
	DIR *dir = opendir(path);
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		add_inode(l, path, e->d_name);
	if (dir)
		closedir(dir);
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), compare);
}

/* proc_net_tcp in the kernel's documentation says what the columns are. */
static int has_unsent(const char *path, const struct inodes *l)
{
	unsigned long queue, inode;
	char line[512];
	FILE *f = fopen(path, "re");
	int found = 0;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line,
				"%*s %*s %*s %*s %lx:%*x %*s %*s %*s %*s %lu",
				&queue, &inode) == 2 &&
			queue &&
			bsearch(&inode, l->v, l->n, sizeof(*l->v), compare);
	if (f)
		fclose(f);
	return found;
}

int unsent_by(pid_t pid)
{
	struct inodes l = {0};
	int found = 0;

	find_sockets(pid, &l);
	if (l.n)
		found = has_unsent("/proc/net/tcp", &l) ||
			has_unsent("/proc/net/tcp6", &l);
	free(l.v);
	return found;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Whether TCP peers have all that was sent: by /proc, and by QEMU. */
#include "vm/unsent.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"

/* Field n of a line, fields apart by spaces; "" if there are fewer. */
static const char *field(const char *line, unsigned n)
{
	line += strspn(line, " ");
	while (n--) {
		line += strcspn(line, " \r\n");
		line += strspn(line, " ");
	}
	return line;
}

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
	if (strncmp(to, "socket:[", 8) != 0)
		return;
	inode = strtoul(to + 8, NULL, 10);
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

/* proc_net_tcp in the kernel's documentation says what the fields are: 4 is
 * the queues, 9 the inode. */
static int has_unsent(const char *path, const struct inodes *l)
{
	unsigned long queue, inode;
	char line[512];
	FILE *f = fopen(path, "re");
	int found = 0;

	while (f && !found && fgets(line, sizeof(line), f)) {
		queue = strtoul(field(line, 4), NULL, 16);
		inode = strtoul(field(line, 9), NULL, 10);
		found = queue &&
			bsearch(&inode, l->v, l->n, sizeof(*l->v), compare);
	}
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

/*
 * A line for each connection: protocol and state, descriptor, addresses, and
 * the bytes that wait for the peer (field 6) and for the guest:
 *   TCP[ESTABLISHED]  12  10.0.2.15  80  10.0.2.2  51234  4096  0
 */
int unsent_by_usernet(const char *text)
{
	for (const char *line = text; *line; line += strcspn(line, "\n")) {
		line += strspn(line, " \r\n");
		if (!strncmp(line, "TCP[", 4) &&
			strtoul(field(line, 6), NULL, 10))
			return 1;
	}
	return 0;
}

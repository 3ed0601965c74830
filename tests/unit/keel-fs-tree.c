/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing a tree of keel's files with one of the host. */
#include "keel-fs-tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/boot.h"
#include "fs/file.h"
#include "keel-fs-fake.h"
#include "sys/proto.h"

void tree_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

void tree_mount(const char *image)
{
	int fd = open(image, O_RDONLY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		tree_fail("%s: %m", image);
	fake_image = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	fake_image_size = st.st_size;
	close(fd);
	fd_init();
	vfs_init();
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

enum { NAMES_MAX = 4096 };

static int names_here(const char *path, char **names)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int n = 0;

	if (!d)
		tree_fail("%s: %m", path);
	while ((e = readdir(d)) && n < NAMES_MAX)
		names[n++] = strdup(e->d_name);
	closedir(d);
	qsort(names, n, sizeof(*names), compare_names);
	return n;
}

static int names_there(const char *path, char **names)
{
	long fd = do_openat(AT_FDCWD, (long)path, O_RDONLY | O_DIRECTORY, 0);
	char buf[700];
	long got;
	int n = 0;

	if (fd < 0)
		tree_fail("open %s: %ld", path, fd);
	while ((got = do_getdents64(fd, (long)buf, sizeof(buf))) > 0) {
		for (long at = 0; at < got && n < NAMES_MAX;) {
			struct dirent64 *e = (void *)(buf + at);

			names[n++] = strdup(e->d_name);
			at += e->d_reclen;
		}
	}
	if (got < 0)
		tree_fail("getdents %s: %ld", path, got);
	do_close(fd);
	qsort(names, n, sizeof(*names), compare_names);
	return n;
}

static void compare_content(const char *here, const char *path)
{
	static char a[10000], b[10000];
	int fd = open(here, O_RDONLY);
	long other = do_openat(AT_FDCWD, (long)path, O_RDONLY, 0), n, m, at = 0;

	if (fd < 0 || other < 0)
		tree_fail("open %s: %d %ld", path, fd, other);
	do {
		n = read(fd, a, sizeof(a));
		m = do_read(other, (long)b, sizeof(b));
		if (n != m)
			tree_fail("%s: read at %ld: %ld, here %ld", path, at, m,
				n);
		for (long i = 0; i < n; i++) {
			if (a[i] != b[i])
				tree_fail("%s: differs at %ld", path, at + i);
		}
		at += n;
	} while (n > 0);
	close(fd);
	do_close(other);
}

static void compare_stat(const char *path, const struct stat *a,
	const struct stat *b, unsigned flags)
{
	if (a->st_mode != b->st_mode || a->st_nlink != b->st_nlink ||
		a->st_uid != b->st_uid || a->st_gid != b->st_gid ||
		a->st_rdev != b->st_rdev)
		tree_fail("%s: mode %o nlink %lu owner %u:%u, here %o %lu "
			  "%u:%u",
			path, b->st_mode, (long)b->st_nlink, b->st_uid,
			b->st_gid, a->st_mode, (long)a->st_nlink, a->st_uid,
			a->st_gid);
	if (!S_ISDIR(a->st_mode) && a->st_size != b->st_size)
		tree_fail("%s: size %ld, here %ld", path, (long)b->st_size,
			(long)a->st_size);
	if (flags & TREE_TIMES && a->st_mtime != b->st_mtime)
		tree_fail("%s: time %ld, here %ld", path, (long)b->st_mtime,
			(long)a->st_mtime);
}

static void compare_link(const char *here, const char *path)
{
	char a[4096], b[4096];
	long n = readlink(here, a, sizeof(a));
	long m = do_readlink((long)path, (long)b, sizeof(b));

	if (n != m || memcmp(a, b, n))
		tree_fail("%s: another link (%ld)", path, m);
}

static int compare_dir(const char *host, const char *path, unsigned flags)
{
	static char here[8192];
	char **a = calloc(NAMES_MAX, sizeof(*a));
	char **b = calloc(NAMES_MAX, sizeof(*b));
	int n, m, count = 0;

	snprintf(here, sizeof(here), "%s/%s", host, path);
	n = names_here(here, a);
	m = names_there(*path ? path : ".", b);
	for (int i = 0, j = 0; i < n || j < m;) {
		/* What boot makes is not in the image. */
		static const char *const ours[] = {
			"dev", "proc", "sys", "tmp", "etc"};
		bool own = false;

		for (int k = 0; k < 5 && !*path && j < m; k++)
			own = own || !strcmp(b[j], ours[k]);
		if (own) {
			j++;
			continue;
		}
		if (i >= n || j >= m || strcmp(a[i], b[j]))
			tree_fail("%s: name %s, here %s", path,
				j < m ? b[j] : "none", i < n ? a[i] : "none");
		if (strcmp(a[i], ".") && strcmp(a[i], "..")) {
			char *next = malloc(strlen(path) + 300);

			sprintf(next, "%s%s", path, a[i]);
			count += tree_compare(host, next, flags);
			free(next);
		}
		i++;
		j++;
	}
	for (int i = 0; i < n; i++)
		free(a[i]);
	for (int j = 0; j < m; j++)
		free(b[j]);
	free(a);
	free(b);
	return count;
}

int tree_compare(const char *host, const char *path, unsigned flags)
{
	static char here[8192];
	struct stat a, b;
	long r;

	snprintf(here, sizeof(here), "%s/%s", host, path);
	if (lstat(here, &a))
		tree_fail("%s: %m", here);
	r = do_newfstatat(AT_FDCWD, (long)(*path ? path : "."), (long)&b,
		AT_SYMLINK_NOFOLLOW);
	if (r)
		tree_fail("stat %s: %ld", path, r);
	if (*path)
		compare_stat(path, &a, &b, flags);
	if (S_ISREG(a.st_mode)) {
		compare_content(here, path);
	} else if (S_ISLNK(a.st_mode)) {
		compare_link(here, path);
	} else if (S_ISDIR(a.st_mode)) {
		char *folder = malloc(strlen(path) + 2);
		int n;

		sprintf(folder, *path ? "%s/" : "%s", path);
		n = compare_dir(host, folder, flags);
		free(folder);
		return n + 1;
	}
	return 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Does with files what its arguments say: tests/docker/volume.t. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

static void result(const char *what, const char *path, long r)
{
	printf("%s %s: %s\n", what, path, r < 0 ? strerror(errno) : "ok");
}

static long put(const char *path, const char *text, int flags)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0644);
	long n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	if (n >= 0 && fsync(fd) < 0)
		n = -1;
	if (close(fd) < 0)
		n = -1;
	return n;
}

static void get(const char *path)
{
	char buf[256];
	int fd = open(path, O_RDONLY);
	long n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (fd >= 0)
		close(fd);
	if (n < 0) {
		result("get", path, n);
		return;
	}
	buf[n] = 0;
	printf("get %s: \"%s\"\n", path, buf);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void list(const char *path)
{
	struct dirent **names;
	int n = scandir(path, &names, NULL, by_name);

	if (n < 0) {
		result("list", path, -1);
		return;
	}
	printf("list %s:", path);
	for (int i = 0; i < n; i++)
		if (names[i]->d_name[0] != '.')
			printf(" %s", names[i]->d_name);
	printf("\n");
}

static void show(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		result("stat", path, -1);
		return;
	}
	printf("stat %s: mode %o uid %u gid %u size %lld\n", path, st.st_mode,
		st.st_uid, st.st_gid,
		S_ISREG(st.st_mode) ? (long long)st.st_size : 0);
}

/* Writes until it is full: how many KiB there were. */
static void fill(const char *path)
{
	static char block[4096];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	long n, total = 0;

	while (fd >= 0 && (n = write(fd, block, sizeof(block))) > 0)
		total += n;
	printf("fill %s: %ld KiB, %s\n", path, total / 1024, strerror(errno));
}

static void size(const char *path)
{
	struct statfs s;

	if (statfs(path, &s) < 0)
		result("size", path, -1);
	else
		printf("size %s: %lld KiB\n", path,
			(long long)s.f_blocks * s.f_bsize / 1024);
}

/* Until somebody makes it, for up to a minute. */
static void wait_for(const char *path)
{
	for (int i = 0; i < 1200 && access(path, F_OK) < 0; i++)
		usleep(50000);
}

/* One after the other; those with a second word take it. */
int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i + 1 < argc; i += 2) {
		const char *what = argv[i], *path = argv[i + 1];
		const char *more = i + 2 < argc ? argv[i + 2] : "";

		if (!strcmp(what, "get"))
			get(path);
		else if (!strcmp(what, "list"))
			list(path);
		else if (!strcmp(what, "stat"))
			show(path);
		else if (!strcmp(what, "fill"))
			fill(path);
		else if (!strcmp(what, "size"))
			size(path);
		else if (!strcmp(what, "mkdir"))
			result(what, path, mkdir(path, 0755));
		else if (!strcmp(what, "rm"))
			result(what, path, remove(path));
		else if (!strcmp(what, "wait"))
			wait_for(path);
		else if (!strcmp(what, "put"))
			result(what, path, put(path, more, O_TRUNC)), i++;
		else if (!strcmp(what, "append"))
			result(what, path, put(path, more, O_APPEND)), i++;
		else if (!strcmp(what, "move"))
			result(what, path, rename(path, more)), i++;
		else if (!strcmp(what, "chmod"))
			result(what, path,
				chmod(path, (mode_t)strtol(more, NULL, 8))),
				i++;
		else if (!strcmp(what, "chown"))
			result(what, path, chown(path, (uid_t)atoi(more), 0)),
				i++;
		else
			return 2;
	}
	return 0;
}

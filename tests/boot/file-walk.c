/* SPDX-License-Identifier: Apache-2.0 */
/* Lists a tree with its contents, in order: the host's and the guest's
 * listing of the same files must be equal. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static unsigned long sum_of(const char *path)
{
	static unsigned char buf[50000];
	unsigned long sum = 5381;
	int fd = open(path, O_RDONLY);
	long n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		for (long i = 0; i < n; i++)
			sum = sum * 33 + buf[i];
	}
	close(fd);
	return n ? 0 : sum;
}

static void walk(const char *path);

static void walk_dir(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	char **name = NULL;
	int n = 0;

	while (d && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		name = realloc(name, (n + 1) * sizeof(*name));
		name[n++] = strdup(e->d_name);
	}
	if (d)
		closedir(d);
	if (n)
		qsort(name, n, sizeof(*name), compare);
	for (int i = 0; i < n; i++) {
		char *next = malloc(strlen(path) + strlen(name[i]) + 2);

		sprintf(next, "%s/%s", path, name[i]);
		walk(next);
		free(next);
		free(name[i]);
	}
	free(name);
}

static void walk(const char *path)
{
	char target[4096];
	struct stat st;
	long n;

	if (lstat(path, &st)) {
		perror(path);
		return;
	}
	printf("%s %o", path, st.st_mode);
	if (S_ISREG(st.st_mode)) {
		printf(" %ld %lx\n", (long)st.st_size, sum_of(path));
	} else if (S_ISLNK(st.st_mode)) {
		n = readlink(path, target, sizeof(target));
		printf(" %.*s\n", (int)n, target);
	} else {
		printf("\n");
		walk_dir(path);
	}
}

int main(void)
{
	if (chdir("/data") && chdir("data"))
		return 1;
	walk(".");
	return 0;
}

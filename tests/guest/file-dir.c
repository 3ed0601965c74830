/* SPDX-License-Identifier: Apache-2.0 */
/* Directories: many entries, seeking, changes under a reader, the place. */
#include "file-tap.h"

#include <dirent.h>
#include <sys/syscall.h>

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All names in order of the alphabet, and their types. */
static void list(const char *path)
{
	static char *names[4000];
	DIR *d = opendir(path);
	struct dirent *e;
	int n = 0;
	unsigned long sum = 0;

	if (!d) {
		CALL(-1);
		return;
	}
	while ((e = readdir(d)) && n < 4000) {
		char text[300];

		snprintf(text, sizeof(text), "%s %d", e->d_name, e->d_type);
		names[n++] = strdup(text);
	}
	closedir(d);
	qsort(names, n, sizeof(*names), compare);
	for (int i = 0; i < n; i++) {
		if (i < 5)
			printf("# %s\n", names[i]);
		for (char *p = names[i]; *p; p++)
			sum = sum * 31 + (unsigned char)*p;
		free(names[i]);
	}
	printf("ok %d - %s: %d names, sum %lx\n", ++tap_count, path, n, sum);
}

static void many(void)
{
	char name[64];
	int bad = 0;

	CALL(mkdir("many", 0755));
	CALL(chdir("many"));
	for (int i = 0; i < 2000; i++) {
		sprintf(name, "entry-%04d-with-a-rather-long-name", i);
		bad += mknod(name, S_IFREG | 0600, 0) != 0;
	}
	CHECK(bad == 0);
	CALL(mkdir("folder", 0755));
	CALL(symlink("folder", "link"));
	list(".");
	CALL(rmdir("../many"));
	for (int i = 0; i < 2000; i += 2) {
		sprintf(name, "entry-%04d-with-a-rather-long-name", i);
		bad += unlink(name) != 0;
	}
	CHECK(bad == 0);
	list(".");
	CALL(chdir(".."));
}

/* Everything is removed while it is read, as rm -r does. */
static void under_a_reader(void)
{
	DIR *d = opendir("many");
	struct dirent *e;
	int n = 0, bad = 0;

	while ((e = readdir(d))) {
		if (*e->d_name == '.')
			continue;
		n++;
		bad += unlinkat(dirfd(d), e->d_name,
			       e->d_type == DT_DIR ? AT_REMOVEDIR : 0) != 0;
	}
	closedir(d);
	CALL(n);
	CALL(bad);
	CALL(rmdir("many"));
}

static void seeking(void)
{
	DIR *d;
	long where = 0;
	char third[256] = "", again[256] = "";
	struct dirent *e;
	int n = 0;

	CALL(mkdir("seek", 0755));
	for (char c = 'a'; c <= 'z'; c++) {
		char name[8] = {'s', 'e', 'e', 'k', '/', c};

		if (tap_put(name, ""))
			CALL(-1);
	}
	d = opendir("seek");
	for (int i = 0; i < 9; i++)
		readdir(d);
	where = telldir(d);
	strcpy(third, readdir(d)->d_name);
	while (readdir(d))
		;
	seekdir(d, where);
	strcpy(again, readdir(d)->d_name);
	CHECK(!strcmp(third, again));
	rewinddir(d);
	while ((e = readdir(d)))
		n++;
	CALL(n);
	closedir(d);
}

static void raw(void)
{
	char buf[512];
	int fd = OPEN(open("seek", O_RDONLY)), file = OPEN(creat("file", 0600));

	CALL(syscall(SYS_getdents64, fd, buf, 1));
	CALL(syscall(SYS_getdents64, fd, buf, 23));
	CALL(syscall(SYS_getdents64, file, buf, 512));
	CALL(syscall(SYS_getdents64, 999, buf, 512));
	CALL(syscall(SYS_getdents64, fd, (char *)16, 512));
	CHECK(syscall(SYS_getdents64, fd, buf, 512) > 0);
	CALL(lseek(fd, 0, SEEK_SET));
	CALL(close(fd));
	CALL(close(file));
}

static void place(void)
{
	static char deep[6000];
	char buf[64], *base = strdup(getcwd(deep, sizeof(deep)));
	int fd;

	CALL(mkdir("p", 0755));
	CALL(mkdir("p/q", 0755));
	CALL(chdir("p/q"));
	getcwd(deep, sizeof(deep));
	printf("# %s\n", deep + strlen(base));
	CALL(syscall(SYS_getcwd, buf, 2));
	CALL(syscall(SYS_getcwd, (char *)16, 64L));
	CALL(chdir("../../file"));
	CALL(chdir("none"));
	CALL(chdir(""));
	fd = OPEN(open("..", O_RDONLY));
	CALL(fchdir(fd));
	getcwd(deep, sizeof(deep));
	printf("# %s\n", deep + strlen(base));
	CALL(rename("../p", "../moved"));
	getcwd(deep, sizeof(deep));
	printf("# %s\n", deep + strlen(base));
	CALL(close(fd));
	CALL(fchdir(999));
	fd = OPEN(open("../file", O_RDONLY));
	CALL(fchdir(fd));
	CALL(chdir("/.."));
	CALL(getcwd(buf, 64) ? 0 : -1);
	printf("# %s\n", buf);
	CALL(chdir(base));
	free(base);
}

/* 300 folders in each other, each with a long name. */
static void deep(void)
{
	char name[101];
	int bad = 0;

	memset(name, 'd', 100);
	name[100] = 0;
	for (int i = 0; i < 300; i++)
		bad += mkdir(name, 0755) || chdir(name);
	CALL(bad);
	CALL(tap_put("bottom", "deep down"));
	CALL(syscall(SYS_getcwd, (char[4096]){0}, 4096L));
	for (int i = 0; i < 300; i++)
		bad += chdir("..") != 0;
	CALL(bad);
	for (int i = 0; i < 300; i++)
		bad += chdir(name) != 0;
	tap_show("bottom");
	CALL(unlink("bottom"));
	for (int i = 0; i < 300; i++)
		bad += chdir("..") || (i < 299 ? rmdir(name) : 0);
	CALL(bad);
	list(".");
}

/* 1,500 folders in each other are removed while the lowest is open. */
static void deep_and_gone(void)
{
	struct stat st;
	int bad = 0, bottom;

	for (int i = 0; i < 1500; i++)
		bad += mkdir("g", 0755) || chdir("g");
	bottom = open(".", O_RDONLY);
	for (int i = 0; i < 1500; i++)
		bad += chdir("..") || rmdir("g");
	CALL(bad);
	CALL(fstat(bottom, &st));
	CALL(st.st_nlink);
	CALL(openat(bottom, "x", O_RDWR | O_CREAT, 0600));
	CALL(close(bottom));
	list(".");
}

int main(void)
{
	tap_enter("file-dir");
	many();
	under_a_reader();
	seeking();
	raw();
	place();
	deep();
	deep_and_gone();
	return tap_done();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Names of all kinds and in any number. */
/* guest: volume */
#include "file-tap.h"

#include <dirent.h>

enum { MANY = 10000 };

static void bytes(void)
{
	char name[2] = {0};
	int made = 0, found = 0;

	CALL(mkdir("bytes", 0755));
	CALL(chdir("bytes"));
	for (int c = 1; c < 256; c++) {
		if (c == '/' || c == '.')
			continue;
		name[0] = (char)c;
		made += tap_put(name, name) == 0;
	}
	CHECK(made == 253);
	for (int c = 1; c < 256; c++) {
		struct stat st;

		if (c == '/' || c == '.')
			continue;
		name[0] = (char)c;
		found += stat(name, &st) == 0 && st.st_size == 1 &&
			 unlink(name) == 0;
	}
	CHECK(found == 253);
	CALL(chdir(".."));
	CALL(rmdir("bytes"));
}

static void lengths(void)
{
	char name[300], deep[2000] = "";
	int fd;

	memset(name, 'n', sizeof(name));
	name[255] = 0;
	fd = open(name, O_CREAT | O_RDWR, 0600);
	CHECK(fd >= 0);
	CALL(write(fd, "long", 4));
	CALL(close(fd));
	CALL(unlink(name));
	CALL(mkdir(name, 0700));
	CALL(rmdir(name));
	name[255] = 'n';
	name[256] = 0;
	CHECK(open(name, O_CREAT | O_RDWR, 0600) == -1 &&
		errno == ENAMETOOLONG);
	CHECK(mkdir(name, 0700) == -1 && errno == ENAMETOOLONG);
	CHECK(stat(name, &(struct stat){0}) == -1 && errno == ENAMETOOLONG);
	/* A path of some length, and a link that is a long text. */
	for (int i = 0; i < 30; i++) {
		strcat(deep, "a-folder-in-a-folder-in-a-folder");
		CHECK(mkdir(deep, 0755) == 0);
		strcat(deep, "/");
	}
	strcat(deep, "file");
	CHECK(tap_put(deep, "at the end") == 0);
	CHECK(symlink(deep, "link") == 0);
	tap_show("link");
	CHECK(readlink("link", deep, 2000) == (ssize_t)strlen(deep));
	memset(deep, 'x', 1500);
	CHECK(symlink(deep, "text") == 0);
	CHECK(readlink("text", deep, 2000) == (ssize_t)strlen(deep));
}

static int number_of(const struct dirent *e)
{
	return e->d_name[0] == 'f' ? atoi(e->d_name + 5) : -1;
}

static void many(void)
{
	static char seen[MANY];
	long places[10], good = 0;
	int at[10], n = 0, twice = 0;
	struct dirent *e;
	char name[32];
	DIR *d;

	CALL(mkdir("many", 0755));
	CALL(chdir("many"));
	for (int i = 0; i < MANY; i++) {
		sprintf(name, "file-%d", i);
		good += mknod(name, S_IFREG | 0600, 0) == 0;
	}
	CHECK(good == MANY);
	d = opendir(".");
	while ((e = readdir(d))) {
		int i = number_of(e);

		if (i < 0)
			continue;
		twice += seen[i]++;
		if (n % 1000 == 999) {
			places[n / 1000] = telldir(d);
			at[n / 1000] = i;
		}
		n++;
	}
	CHECK(n == MANY);
	CHECK(twice == 0);
	/* Behind each place comes what came behind it before. */
	good = 0;
	for (int k = 9; k-- > 0;) {
		seekdir(d, places[k]);
		e = readdir(d);
		good += e && number_of(e) != at[k];
		for (int i = 0; i < 998; i++)
			e = readdir(d);
		e = readdir(d);
		good += e && number_of(e) == at[k + 1];
	}
	CHECK(good == 18);
	rewinddir(d);
	for (n = 0; (e = readdir(d));)
		n++;
	CHECK(n == MANY + 2);
	closedir(d);
	good = 0;
	for (int i = 0; i < MANY; i++) {
		sprintf(name, "file-%d", i);
		good += unlink(name) == 0;
	}
	CHECK(good == MANY);
	CALL(chdir(".."));
	CALL(rmdir("many"));
}

/* Each open file stays the file that it is, also among many. */
static void open_at_once(void)
{
	static int fd[900];
	long good = 0;
	char name[32], c[32];

	for (int i = 0; i < 900; i++) {
		sprintf(name, "open-%d", i);
		fd[i] = open(name, O_RDWR | O_CREAT, 0600);
		good += fd[i] >= 0 && write(fd[i], name, 9) == 9;
	}
	CHECK(good == 900);
	good = 0;
	/* Each name now leads to the file before it, or to none. */
	for (int i = 0; i < 899; i++) {
		sprintf(name, "open-%d", i);
		sprintf(c, "open-%d", i + 1);
		good += i % 2 ? unlink(name) == 0 : rename(name, c) == 0;
	}
	CHECK(good == 899);
	good = 0;
	for (int i = 0; i < 900; i++) {
		sprintf(name, "open-%d", i);
		good += pread(fd[i], c, 9, 0) == 9 && !strncmp(c, name, 9) &&
			close(fd[i]) == 0;
	}
	CHECK(good == 900);
}

int main(void)
{
	tap_enter("volume-names");
	bytes();
	lengths();
	many();
	open_at_once();
	return tap_done();
}

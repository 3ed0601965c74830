/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are open while their names go, move, or are given to others. */
/* guest: volume */
#include "file-tap.h"

static struct stat st;

static long size_of(int fd)
{
	return fstat(fd, &st) ? -1 : (long)st.st_size;
}

static long links_of(int fd)
{
	return fstat(fd, &st) ? -1 : (long)st.st_nlink;
}

/* What is in it, as text; zeros as dots. */
static void content(int fd)
{
	char buf[64];
	long n = pread(fd, buf, sizeof(buf), 0);

	printf("# %ld: ", n);
	for (long i = 0; i < n; i++)
		putchar(buf[i] ? buf[i] : '.');
	putchar('\n');
}

static void unlinked(void)
{
	int fd = OPEN(open("u", O_RDWR | O_CREAT | O_EXCL, 0600));

	CALL(write(fd, "0123456789", 10));
	CALL(unlink("u"));
	CALL(links_of(fd));
	CALL(size_of(fd));
	CALL(write(fd, "abc", 3));
	CALL(size_of(fd));
	content(fd);
	CALL(ftruncate(fd, 4));
	CALL(size_of(fd));
	content(fd);
	CALL(ftruncate(fd, 8));
	content(fd);
	CALL(ftruncate(fd, 2));
	CALL(pwrite(fd, "z", 1, 20));
	CALL(size_of(fd));
	content(fd);
	CALL(lseek(fd, 0, SEEK_END));
	CALL(fchmod(fd, 0640));
	CALL(fstat(fd, &st));
	CALL(st.st_mode);
	CALL(fsync(fd));
	/* Another file takes its name, and is not touched. */
	CALL(tap_put("u", "the new one"));
	CALL(ftruncate(fd, 1));
	CALL(size_of(fd));
	content(fd);
	tap_show("u");
	CALL(close(fd));
}

static void replaced(void)
{
	int old, new;

	CALL(tap_put("r", "old content"));
	CALL(tap_put("r.new", "new"));
	old = OPEN(open("r", O_RDWR));
	new = OPEN(open("r.new", O_RDWR));
	CALL(rename("r.new", "r"));
	CALL(links_of(old));
	CALL(size_of(old));
	content(old);
	CALL(links_of(new));
	CALL(size_of(new));
	CALL(pwrite(old, "OLD", 3, 0));
	CALL(pwrite(new, "NEW", 3, 0));
	tap_show("r");
	CALL(ftruncate(old, 3));
	CALL(ftruncate(new, 2));
	content(old);
	tap_show("r");
	CALL(close(old));
	CALL(close(new));
}

static void moved(void)
{
	char path[4096];
	int fd, dir;

	CALL(mkdir("m", 0755));
	CALL(mkdir("m/in", 0755));
	fd = OPEN(open("m/in/f", O_RDWR | O_CREAT, 0600));
	dir = OPEN(open("m/in", O_RDONLY | O_DIRECTORY));
	CALL(write(fd, "moved", 5));
	CALL(rename("m", "n"));
	CALL(fstat(fd, &st));
	CALL(st.st_size);
	CALL(ftruncate(fd, 3));
	tap_show("n/in/f");
	CALL(openat(dir, "g", O_CREAT | O_WRONLY, 0600) >= 0 ? 0 : -1);
	CALL(access("n/in/g", F_OK));
	CALL(chdir("n/in"));
	CALL(rename("../../n", "../../o"));
	CALL(getcwd(path, sizeof(path)) ? 0 : -1);
	printf("# ...%s\n", path + strlen(path) - strlen("/o/in"));
	CALL(tap_put("h", "here"));
	CALL(access("../../o/in/h", F_OK));
	CALL(chdir("../.."));
	CALL(close(fd));
	CALL(close(dir));
}

static void linked(void)
{
	ino_t ino;
	int fd;

	CALL(tap_put("l1", "linked"));
	fd = OPEN(open("l1", O_RDWR));
	CALL(link("l1", "l2"));
	CALL(links_of(fd));
	CALL(fstat(fd, &st));
	ino = st.st_ino;
	CALL(stat("l2", &st));
	CHECK(st.st_ino == ino);
	CALL(unlink("l1"));
	CALL(links_of(fd));
	CALL(ftruncate(fd, 4));
	tap_show("l2");
	CALL(pwrite(fd, "LI", 2, 0));
	tap_show("l2");
	CALL(stat("l2", &st));
	CALL(st.st_size);
	/* A file that takes the name it was opened by is another one. */
	CALL(tap_put("l1", "not this"));
	CALL(ftruncate(fd, 3));
	CALL(fchmod(fd, 0604));
	tap_show("l1");
	tap_show("l2");
	CALL(stat("l1", &st));
	CALL(st.st_mode);
	CALL(stat("l2", &st));
	CALL(st.st_mode);
	CALL(unlink("l2"));
	CALL(links_of(fd));
	content(fd);
	CALL(close(fd));
}

/* The right to write comes from open, not from the file's permissions. */
static void permissions(void)
{
	int fd = OPEN(open("p", O_RDWR | O_CREAT | O_EXCL, 0400));

	CALL(write(fd, "x", 1));
	CALL(fstat(fd, &st));
	CALL(st.st_mode);
	CALL(close(fd));
	fd = OPEN(open("p0", O_WRONLY | O_CREAT | O_EXCL, 0));
	CALL(write(fd, "x", 1));
	CALL(close(fd));
	CALL(unlink("p0"));
}

static void appended(void)
{
	int fd = OPEN(open("a", O_RDWR | O_CREAT | O_APPEND, 0600)), other;

	other = OPEN(open("a", O_WRONLY | O_APPEND));
	CALL(write(fd, "one ", 4));
	CALL(write(other, "two ", 4));
	CALL(write(fd, "three ", 6));
	CALL(lseek(fd, 0, SEEK_CUR));
	CALL(fcntl(fd, F_SETFL, 0));
	CALL(pwrite(fd, "ONE", 3, 0));
	CALL(fcntl(fd, F_SETFL, O_APPEND));
	CALL(lseek(fd, 0, SEEK_SET));
	CALL(write(fd, "four", 4));
	tap_show("a");
	CALL(close(other));
	CALL(close(fd));
	fd = OPEN(open("a", O_RDWR));
	CALL(fcntl(fd, F_SETFL, O_APPEND));
	CALL(write(fd, " five", 5));
	tap_show("a");
	CALL(close(fd));
	fd = OPEN(open("a", O_RDWR | O_TRUNC));
	CALL(size_of(fd));
	CALL(close(fd));
}

int main(void)
{
	tap_enter("volume-gone");
	unlinked();
	replaced();
	moved();
	linked();
	permissions();
	appended();
	return tap_done();
}

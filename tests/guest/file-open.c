/* SPDX-License-Identifier: Apache-2.0 */
/* open and openat: flags, errors, what is there afterwards. */
#include "file-tap.h"

static void create(void)
{
	int fd = OPEN(open("a", O_RDWR | O_CREAT | O_EXCL, 0640));

	CALL(write(fd, "hello", 5));
	CALL(close(fd));
	OPEN(open("a", O_RDWR | O_CREAT | O_EXCL, 0640));
	OPEN(open("b", O_RDWR));
	OPEN(open("", O_RDWR));
	OPEN(open("", O_RDWR | O_CREAT, 0600));
	OPEN(open("none/x", O_RDWR | O_CREAT, 0600));
	OPEN(open("a/x", O_RDWR | O_CREAT, 0600));
	OPEN(open("a/", O_RDONLY));
	OPEN(open("new/", O_RDWR | O_CREAT, 0600));
	OPEN(open("a/.", O_RDONLY));
	OPEN(open("a/..", O_RDONLY));
	fd = OPEN(open("a", O_WRONLY | O_TRUNC));
	CALL(lseek(fd, 0, SEEK_END));
	CALL(close(fd));
	fd = OPEN(creat("c", 0777));
	CALL(write(fd, "12345678", 8));
	CALL(close(fd));
	fd = OPEN(open(".//c", O_RDONLY | O_TRUNC));
	CALL(lseek(fd, 0, SEEK_END));
	CALL(close(fd));
}

static void directories(void)
{
	char buf[8];
	int fd;

	CALL(mkdir("d", 0755));
	OPEN(open("d", O_RDWR));
	OPEN(open("d", O_WRONLY));
	OPEN(open("d", O_RDONLY | O_CREAT, 0600));
	OPEN(open("d", O_RDONLY | O_TRUNC));
	OPEN(open(".", O_RDONLY | O_CREAT, 0600));
	OPEN(open("d/.", O_RDONLY | O_CREAT | O_EXCL, 0600));
	OPEN(open("a", O_RDONLY | O_DIRECTORY));
	OPEN(open("none", O_RDONLY | O_DIRECTORY));
	fd = OPEN(open("d/", O_RDONLY | O_DIRECTORY));
	CALL(read(fd, buf, 8));
	CALL(write(fd, buf, 8));
	CALL(pread(fd, buf, 8, 0));
	CALL(ftruncate(fd, 0));
	CALL(fsync(fd));
	CALL(fchmod(fd, 0711));
	OPEN(openat(fd, "e", O_RDWR | O_CREAT, 0600));
	CALL(access("d/e", F_OK));
	OPEN(openat(fd, "../a", O_RDONLY));
	OPEN(openat(-1, "a", O_RDONLY));
	OPEN(openat(-1, "/", O_RDONLY));
	OPEN(openat(999, "", O_RDONLY));
	CALL(close(fd));
	fd = OPEN(open("a", O_RDONLY));
	OPEN(openat(fd, "x", O_RDONLY));
	CALL(close(fd));
	OPEN(openat(fd, "x", O_RDONLY));
}

static void links(void)
{
	CALL(symlink("a", "la"));
	CALL(symlink("gone", "lgone"));
	CALL(symlink("d", "ld"));
	CALL(symlink("loop2", "loop1"));
	CALL(symlink("loop1", "loop2"));
	OPEN(open("la", O_RDONLY | O_NOFOLLOW));
	OPEN(open("la", O_RDONLY));
	OPEN(open("la", O_RDWR | O_CREAT | O_EXCL, 0600));
	OPEN(open("lgone", O_RDONLY));
	OPEN(open("lgone", O_RDWR | O_CREAT | O_EXCL, 0600));
	OPEN(open("lgone", O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
	OPEN(open("lgone", O_RDWR | O_CREAT, 0600));
	CALL(access("gone", F_OK));
	OPEN(open("ld", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
	OPEN(open("ld/", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
	OPEN(open("ld/e", O_RDONLY | O_NOFOLLOW));
	OPEN(open("loop1", O_RDONLY));
	OPEN(open("loop1/x", O_RDONLY));
	OPEN(open("loop1", O_RDONLY | O_CREAT, 0600));
	OPEN(open("loop1", O_RDONLY | O_NOFOLLOW));
}

static void chain(void)
{
	char from[16], to[16] = "a";

	for (int i = 0; i < 41; i++) {
		sprintf(from, "chain%d", i);
		if (symlink(to, from))
			CALL(-1);
		strcpy(to, from);
	}
	OPEN(open("chain38", O_RDONLY));
	OPEN(open("chain39", O_RDONLY));
	OPEN(open("chain40", O_RDONLY));
}

static void paths(void)
{
	static char path[5000];
	struct stat st;
	int fd;

	memset(path, 'n', 255);
	path[255] = 0;
	fd = OPEN(open(path, O_RDWR | O_CREAT, 0600));
	CALL(close(fd));
	CALL(unlink(path));
	memset(path, 'n', 256);
	path[256] = 0;
	CALL(open(path, O_RDWR | O_CREAT, 0600));
	CALL(open(path, O_RDWR));
	memset(path, '/', 4095);
	strcpy(path + 4094, ".");
	OPEN(open(path, O_RDONLY));
	memset(path, '/', 4096);
	strcpy(path + 4095, ".");
	OPEN(open(path, O_RDONLY));
	OPEN(open(NULL, O_RDONLY));
	OPEN(open((char *)16, O_RDONLY));
	fd = OPEN(open("a", O_PATH));
	CALL(read(fd, path, 1));
	CALL(write(fd, path, 1));
	CALL(lseek(fd, 0, SEEK_SET));
	CALL(fchmod(fd, 0600));
	CALL(fchown(fd, 0, 0));
	CALL(ftruncate(fd, 0));
	CALL(fsync(fd));
	CALL(fstat(fd, &st));
	CALL(fcntl(fd, F_GETFL) & ~0100000);
	CALL(fcntl(fd, F_SETFL, O_APPEND));
	CALL(fcntl(fd, F_GETFD));
	CALL(close(fd));
	fd = OPEN(open("la", O_PATH | O_NOFOLLOW));
	CALL(fstat(fd, &st));
	CALL(S_ISLNK(st.st_mode));
	CALL(readlinkat(fd, "", path, 10));
	CALL(close(fd));
	OPEN(open("a", O_PATH | O_DIRECTORY));
	fd = OPEN(open("d", O_PATH));
	OPEN(openat(fd, "e", O_RDONLY));
	OPEN(openat(fd, "..", O_RDONLY));
	CALL(fchdir(fd));
	CALL(chdir(".."));
	CALL(close(fd));
}

static void flags(void)
{
	int fd = OPEN(open("a", O_RDWR | O_APPEND | O_CLOEXEC | O_NONBLOCK));
	char buf[16];

	CALL(fcntl(fd, F_GETFL) & ~0100000);
	CALL(fcntl(fd, F_GETFD));
	CALL(write(fd, "one", 3));
	CALL(lseek(fd, 0, SEEK_SET));
	CALL(write(fd, "two", 3));
	CALL(lseek(fd, 0, SEEK_CUR));
	CALL(pwrite(fd, "six", 3, 0));
	CALL(pread(fd, buf, 16, 0));
	CALL(fcntl(fd, F_SETFL, 0));
	CALL(pwrite(fd, "TWO", 3, 3));
	CALL(close(fd));
	tap_show("a");
	fd = OPEN(open("a", O_WRONLY));
	CALL(read(fd, buf, 1));
	CALL(close(fd));
	fd = OPEN(open("a", O_RDONLY));
	CALL(write(fd, buf, 1));
	CALL(ftruncate(fd, 0));
	CALL(close(fd));
	fd = OPEN(open("a", O_RDWR | O_CREAT | O_DIRECTORY, 0600));
	fd = OPEN(open("newdir", O_RDWR | O_CREAT | O_DIRECTORY, 0600));
	fd = OPEN(open("a", O_RDWR | O_DIRECT));
	CALL(fcntl(fd, F_GETFL) & O_DIRECT);
	CALL(fcntl(fd, F_SETFL, 0));
	CALL(fcntl(fd, F_GETFL) & O_DIRECT);
	CALL(fcntl(fd, F_SETFL, O_DIRECT));
	CALL(fcntl(fd, F_GETFL) & O_DIRECT);
	CALL(close(fd));
}

static void modes(void)
{
	struct stat st;

	CALL(umask(027));
	CALL(close(open("m1", O_CREAT | O_RDWR, 0777)));
	CALL(stat("m1", &st));
	CALL(st.st_mode);
	CALL(close(open("m2", O_CREAT | O_RDWR, 06755)));
	CALL(stat("m2", &st));
	CALL(st.st_mode);
	CALL(mkdir("m3", 07777));
	CALL(stat("m3", &st));
	CALL(st.st_mode);
	CALL(umask(022));
}

int main(void)
{
	tap_enter("file-open");
	create();
	directories();
	links();
	chain();
	paths();
	flags();
	modes();
	return tap_done();
}

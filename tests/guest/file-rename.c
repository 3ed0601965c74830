/* SPDX-License-Identifier: Apache-2.0 */
/* rename, renameat2, link, symlink, readlink, unlink, rmdir, mkdir, mknod. */
#include "file-tap.h"

#include <sys/syscall.h>

static long rename2(const char *from, const char *to, unsigned flags)
{
	if (on_volume()) {
		errno = EINVAL;
		return -1;
	}
	return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

static long nlink_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? -1 : (long)st.st_nlink;
}

static void files(void)
{
	CALL(tap_put("a", "A"));
	CALL(tap_put("b", "B"));
	CALL(rename("a", "c"));
	tap_show("c");
	CALL(rename("a", "c"));
	CALL(rename("b", "c"));
	tap_show("c");
	CALL(rename("c", "c"));
	CALL(rename("c", "none/x"));
	CALL(rename("c", "d/"));
	CALL(rename("c/", "d"));
	CALL(rename("", "d"));
	CALL(rename("c", ""));
	CALL(rename(".", "d"));
	CALL(rename("c", ".."));
	CALL(rename2("c", "e", 1));
	CALL(tap_put("c", "C"));
	CALL(rename2("c", "e", 1));
	CALL(rename2("c", "e", 2));
	tap_show("c");
	tap_show("e");
	CALL(rename2("c", "none", 2));
	CALL(rename2("c", "e", 3));
	CALL(rename2("c", "e", 8));
	CALL(link("c", "hard"));
	CALL(rename("c", "hard"));
	CALL(nlink_of("c"));
}

static void folders(void)
{
	CALL(mkdir("d1", 0755));
	CALL(mkdir("d1/sub", 0755));
	CALL(mkdir("d2", 0755));
	CALL(nlink_of("d1"));
	CALL(rename("d1", "d1/sub/x"));
	CALL(rename("d1", "d1"));
	CALL(rename("d1/sub", "d1"));
	CALL(rename("d1", "c"));
	CALL(rename("c", "d1"));
	CALL(rename("d2", "d1"));
	CALL(rename("d1/sub", "d2"));
	CALL(nlink_of("d1"));
	CALL(mkdir("d1/sub", 0755));
	CALL(rename("d1/sub", "d2/sub"));
	CALL(nlink_of("d1"));
	CALL(nlink_of("d2"));
	CALL(rename("d1", "d3/"));
	CALL(rename2("d3", "c", 2));
	CALL(nlink_of("d3"));
	CALL(rename2("c", "d3", 2));
	CALL(rename2("d2", "d2/sub", 2));
	CALL(rename("d2/sub/..", "d9"));
	CALL(mkdir("d2", 0755));
	CALL(mkdir("d2/", 0755));
	CALL(mkdir("new/", 0755));
	CALL(mkdir("", 0755));
	CALL(mkdir(".", 0755));
	CALL(mkdir("/", 0755));
	CALL(mkdir("none/x", 0755));
	CALL(mkdir("c/x", 0755));
	CALL(rmdir("c"));
	CALL(rmdir("c/"));
	CALL(rmdir("none"));
	CALL(rmdir("d2"));
	CALL(rmdir("d2/."));
	CALL(rmdir("d2/sub/.."));
	CALL(rmdir("/"));
	CALL(rmdir(""));
	CALL(rmdir("d2/sub/"));
	CALL(rmdir("d2"));
	CALL(unlink("d3"));
	CALL(unlink("d3/"));
	CALL(unlink("c/"));
	CALL(unlink("none/"));
	CALL(unlink("none"));
	CALL(unlink("."));
	CALL(unlink(""));
	CALL(unlinkat(AT_FDCWD, "d3", AT_REMOVEDIR));
	CALL(unlinkat(AT_FDCWD, "new", 0));
	CALL(unlinkat(AT_FDCWD, "new", 0x1));
}

static void links(void)
{
	char buf[64];

	memset(buf, '#', sizeof(buf));
	CALL(tap_put("f", "F"));
	CALL(link("f", "g"));
	CALL(nlink_of("f"));
	CALL(link("f", "g"));
	CALL(link("none", "h"));
	CALL(link("f", "none/h"));
	CALL(link("f", "h/"));
	CALL(link("f/", "h"));
	CALL(mkdir("dir", 0755));
	CALL(link("dir", "h"));
	CALL(unlink("f"));
	CALL(nlink_of("g"));
	tap_show("g");
	CALL(symlink("g", "s"));
	CALL(symlink("g", "s"));
	CALL(symlink("", "s2"));
	CALL(symlink("g", ""));
	CALL(symlink("g", "s2/"));
	CALL(symlink("g", "dir/"));
	CALL(symlink("g", "none/x"));
	CALL(link("s", "hs"));
	CALL(nlink_of("s"));
	CALL(linkat(AT_FDCWD, "s", AT_FDCWD, "hg", AT_SYMLINK_FOLLOW));
	CALL(nlink_of("g"));
	CALL(linkat(AT_FDCWD, "s", AT_FDCWD, "hg", 0x8000));
	CALL(readlink("s", buf, sizeof(buf)));
	printf("# %.4s\n", buf);
	CALL(symlink("a/long/text", "long"));
	CALL(readlink("long", buf, 6));
	printf("# %.8s\n", buf);
	CALL(readlink("long", buf, 0));
	CALL(readlink("g", buf, 6));
	CALL(readlink("dir", buf, 6));
	CALL(readlink("none", buf, 6));
	CALL(readlink("", buf, 6));
	CALL(readlink("s/", buf, 6));
	CALL(readlinkat(AT_FDCWD, "", buf, 6));
	CALL(nlink_of("s/"));
	CALL(unlink("s/"));
	CALL(unlink("s"));
	CALL(symlink("dir", "ld"));
	CALL(unlink("ld/"));
	CALL(rmdir("ld"));
	CALL(rmdir("ld/"));
	CALL(rename("ld/", "ld2"));
	CALL(rename("ld", "ld2"));
	CALL(tap_put("ld2/x", "through a link"));
	tap_show("dir/x");
}

static void nodes(void)
{
	struct stat st;

	CALL(mknod("n1", S_IFREG | 0600, 0));
	CALL(mknod("n1", S_IFREG | 0600, 0));
	CALL(mknod("n2", 0600, 0));
	CALL(stat("n2", &st));
	CALL(st.st_mode);
	CALL(mknod("n3", S_IFDIR | 0600, 0));
	CALL(mknod("n4", 0xf000 | 0600, 0));
	CALL(mknod("n5/", S_IFREG | 0600, 0));
	CALL(mknod("n6", S_IFSOCK | 0600, 0));
	OPEN(open("n6", O_RDWR));
	CALL(mknod("n7", S_IFCHR | 0600, (dev_t)1 << 8 | 3));
	CALL(stat("n7", &st));
	CALL(st.st_rdev);
	OPEN(open("n7", O_RDWR));
	CALL(mknod("n8", S_IFCHR | 0600, (dev_t)250 << 8 | 77));
	OPEN(open("n8", O_RDWR));
}

/* What is open or worked in stays when its name goes. */
static void gone(void)
{
	char buf[64];
	struct stat st;
	int fd = OPEN(open("u", O_RDWR | O_CREAT, 0600)), dir;

	CALL(write(fd, "still here", 10));
	CALL(unlink("u"));
	CALL(pread(fd, buf, 64, 6));
	CALL(fstat(fd, &st));
	CALL(st.st_nlink);
	CALL(st.st_size);
	CALL(close(fd));
	CALL(mkdir("w", 0755));
	dir = OPEN(open("w", O_RDONLY));
	CALL(chdir("w"));
	CALL(rmdir("../w"));
	CALL(getcwd(buf, sizeof(buf)) ? 0 : -1);
	CALL(mkdir("x", 0755));
	OPEN(open("y", O_CREAT | O_RDWR, 0600));
	CALL(openat(dir, "y", O_CREAT | O_RDWR, 0600));
	CALL(stat(".", &st));
	CALL(st.st_nlink);
	CALL(access("..", F_OK));
	CALL(chdir(".."));
	CALL(close(dir));
}

static void nameless(void)
{
	char path[64], buf[32];
	struct stat st;
	int fd = OPEN(open(".", O_TMPFILE | O_RDWR, 0600));

	CALL(write(fd, "nameless", 8));
	CALL(fstat(fd, &st));
	CALL(st.st_nlink);
	sprintf(path, "/proc/self/fd/%d", fd);
	CALL(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
	CALL(nlink_of("named"));
	tap_show("named");
	CALL(linkat(fd, "", AT_FDCWD, "again", AT_EMPTY_PATH));
	CALL(nlink_of("named"));
	CALL(close(fd));
	fd = OPEN(open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600));
	CALL(linkat(fd, "", AT_FDCWD, "never", AT_EMPTY_PATH));
	CALL(close(fd));
	OPEN(open(".", O_TMPFILE | O_RDONLY, 0600));
	OPEN(open("named", O_TMPFILE | O_RDWR, 0600));
	OPEN(open("none", O_TMPFILE | O_RDWR, 0600));
	fd = open("named", O_RDWR);
	CALL(unlink("named"));
	CALL(unlink("again"));
	CALL(linkat(fd, "", AT_FDCWD, "back", AT_EMPTY_PATH));
	CALL(pread(fd, buf, 32, 0));
	CALL(close(fd));
}

int main(void)
{
	tap_enter("file-rename");
	files();
	folders();
	links();
	if (!on_volume())
		nodes();
	gone();
	if (!on_volume())
		nameless();
	return tap_done();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* stat and its kin, modes, owners, times, access, statfs, umask. */
#include "file-tap.h"

#include <linux/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <utime.h>

static void show(const char *path)
{
	struct stat st;

	if (CALL(lstat(path, &st)))
		return;
	printf("# %s: mode %o nlink %ld uid %d gid %d size %ld\n", path,
		st.st_mode, (long)st.st_nlink, (int)st.st_uid, (int)st.st_gid,
		S_ISDIR(st.st_mode) ? 0 : (long)st.st_size);
}

static void kinds(void)
{
	struct stat st, st2;
	int fd;

	CALL(tap_put("f", "12345"));
	CALL(mkdir("d", 0750));
	CALL(symlink("f", "l"));
	show("f");
	show("d");
	show("l");
	CALL(stat("l", &st));
	CALL(st.st_size);
	CALL(stat("none", &st));
	CALL(stat("f/x", &st));
	CALL(stat("f/", &st));
	CALL(lstat("l/", &st));
	CALL(stat("", &st));
	CALL(stat(NULL, &st));
	CALL(syscall(SYS_stat, "f", 16L));
	fd = OPEN(open("f", O_RDONLY));
	CALL(fstat(fd, &st));
	CALL(fstatat(fd, "", &st2, AT_EMPTY_PATH));
	CHECK(st.st_ino == st2.st_ino && st.st_dev == st2.st_dev);
	CALL(fstatat(fd, "", &st, 0));
	CALL(fstatat(fd, "x", &st, 0));
	CALL(fstatat(AT_FDCWD, "", &st, AT_EMPTY_PATH));
	CALL(S_ISDIR(st.st_mode));
	CALL(fstatat(AT_FDCWD, "f", &st, 0x1));
	CALL(fstatat(999, "f", &st, 0));
	CALL(fstat(999, &st));
	CALL(close(fd));
}

static void modes(void)
{
	int fd = OPEN(open("f", O_RDWR));

	CALL(chmod("f", 0));
	show("f");
	CALL(access("f", R_OK | W_OK));
	CALL(access("f", X_OK));
	CALL(chmod("f", 0100));
	CALL(access("f", X_OK));
	CALL(access("d", X_OK));
	CALL(access("none", F_OK));
	CALL(access("f", 8));
	CALL(access("f/", F_OK));
	CALL(faccessat(AT_FDCWD, "f", R_OK, AT_EACCESS));
	CALL(faccessat(AT_FDCWD, "l", F_OK, AT_SYMLINK_NOFOLLOW));
	CALL(chmod("f", 07777));
	show("f");
	CALL(write(fd, "x", 1));
	show("f");
	CALL(fchmod(fd, 06711));
	CALL(chown("f", 1, 2));
	show("f");
	CALL(chown("f", -1, 3));
	show("f");
	CALL(chmod("f", 06755));
	CALL(ftruncate(fd, 3));
	show("f");
	CALL(fchown(fd, 0, 0));
	CALL(lchown("l", 7, 8));
	show("l");
	show("f");
	CALL(fchownat(AT_FDCWD, "l", 9, 9, AT_SYMLINK_NOFOLLOW));
	show("l");
	CALL(fchownat(fd, "", 4, 4, AT_EMPTY_PATH));
	show("f");
	CALL(fchownat(AT_FDCWD, "f", 4, 4, 1));
	CALL(chmod("l", 0644));
	show("f");
	CALL(chmod("none", 0644));
	CALL(chown("none", 0, 0));
	CALL(fchmod(999, 0));
	CALL(fchown(999, 0, 0));
	CALL(fchmodat(AT_FDCWD, "f", 0600, 0));
	CALL(chmod("d", 02755));
	CALL(chown("d", 0, 5));
	show("d");
	CALL(tap_put("d/in", ""));
	CALL(mkdir("d/sub", 0755));
	show("d/in");
	show("d/sub");
	CALL(close(fd));
}

static void show_times(const char *path)
{
	struct stat st;

	if (CALL(lstat(path, &st)))
		return;
	printf("# %s: %ld.%09ld %ld.%09ld\n", path, (long)st.st_atim.tv_sec,
		st.st_atim.tv_nsec, (long)st.st_mtim.tv_sec,
		st.st_mtim.tv_nsec);
}

static void times(void)
{
	struct timespec t[2] = {{1000, 5}, {2000, 999999999}};
	struct timeval v[2] = {{3000, 7}, {4000, 8}};
	struct utimbuf u = {5000, 6000};
	struct stat before, after;
	int fd = OPEN(open("f", O_RDWR));

	CALL(utimensat(AT_FDCWD, "f", t, 0));
	show_times("f");
	t[0].tv_nsec = UTIME_OMIT;
	t[1].tv_sec = 2500;
	CALL(utimensat(AT_FDCWD, "f", t, 0));
	show_times("f");
	t[0].tv_nsec = 1000000000;
	CALL(utimensat(AT_FDCWD, "f", t, 0));
	t[0].tv_nsec = -1;
	CALL(utimensat(AT_FDCWD, "f", t, 0));
	t[0].tv_nsec = 1;
	CALL(utimensat(AT_FDCWD, "l", t, AT_SYMLINK_NOFOLLOW));
	show_times("l");
	CALL(utimensat(AT_FDCWD, "f", t, 0x1));
	CALL(utimensat(AT_FDCWD, "none", t, 0));
	CALL(futimens(fd, t));
	show_times("f");
	CALL(futimens(999, t));
	CALL(utimes("f", v));
	show_times("f");
	v[0].tv_usec = 1000000;
	CALL(utimes("f", v));
	CALL(utime("f", &u));
	show_times("f");
	t[0].tv_sec = -5;
	CALL(futimens(fd, t));
	show_times("f");
	CALL(utimensat(AT_FDCWD, "f", NULL, 0));
	CALL(stat("f", &before));
	CHECK(before.st_mtime > 6000 && before.st_ctime > 6000);
	CALL(pwrite(fd, "y", 1, 0));
	CALL(stat("f", &after));
	CHECK(after.st_mtim.tv_sec > before.st_mtim.tv_sec ||
		(after.st_mtim.tv_sec == before.st_mtim.tv_sec &&
			after.st_mtim.tv_nsec >= before.st_mtim.tv_nsec));
	CALL(stat("d", &before));
	t[0] = (struct timespec){1, 1};
	t[1] = (struct timespec){1, 1};
	CALL(utimensat(AT_FDCWD, "d", t, 0));
	CALL(tap_put("d/more", ""));
	CALL(stat("d", &after));
	CHECK(after.st_mtime > 1);
	CALL(close(fd));
}

/* musl 1.2.3 has it, but not this distribution's <sys/stat.h>. */
static long statx_call(
	int fd, const char *path, int flags, unsigned mask, struct statx *x)
{
	return syscall(SYS_statx, fd, path, flags, mask, x);
}

static void statxes(void)
{
	struct statx x;
	int fd = OPEN(open("f", O_RDONLY));

	CALL(statx_call(AT_FDCWD, "l", AT_SYMLINK_NOFOLLOW, STATX_ALL, &x));
	printf("# mode %o size %llu\n", x.stx_mode,
		(unsigned long long)x.stx_size);
	CALL(statx_call(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &x));
	printf("# mode %o mask %x\n", x.stx_mode, x.stx_mask & 0x7ff);
	CALL(statx_call(AT_FDCWD, "none", 0, STATX_BASIC_STATS, &x));
	CALL(statx_call(AT_FDCWD, "f", 0x6000, STATX_BASIC_STATS, &x));
	CALL(statx_call(AT_FDCWD, "f", 0, 0x80000000, &x));
	CALL(close(fd));
}

static void systems(void)
{
	struct statfs s;
	struct stat root, shm;

	CALL(statfs("f", &s));
	CHECK((s.f_bsize == 4096 || on_volume()) && s.f_blocks > 0 &&
		s.f_namelen == 255 && s.f_bfree <= s.f_blocks);
	CALL(statfs("none", &s));
	CALL(fstatfs(999, &s));
	CALL(statfs("/proc", &s));
	printf("# %lx\n", (unsigned long)s.f_type);
	CALL(statfs("/dev/shm", &s));
	printf("# %lx\n", (unsigned long)s.f_type);
	CALL(stat("f", &root));
	CALL(stat("/dev/shm", &shm));
	CHECK(root.st_dev != shm.st_dev);
}

int main(void)
{
	tap_enter("file-stat");
	kinds();
	modes();
	times();
	statxes();
	systems();
	return tap_done();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Errors of system calls by number, and int arguments whose upper half is
 * not clear: each line is as on Linux. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

#define TRY(call)                                                      \
	do {                                                           \
		errno = 0;                                             \
		long r = (long)(call);                                 \
		printf("%s = %ld%s%s\n", #call, r, r == -1 ? " " : "", \
			r == -1 ? strerror(errno) : "");               \
	} while (0)

static void *volatile const bad = (void *)8;

static void memory(void)
{
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(p + 4096, 4096);
	TRY(msync(p + 1, 1, MS_SYNC));
	TRY(msync(p, 8192, MS_SYNC));
	TRY(msync(p, 4096, MS_SYNC | MS_ASYNC));
	TRY(msync(p, 4096, 64));
	TRY(munlock(p, 8192));
	TRY(syscall(SYS_munlockall));
	TRY(syscall(SYS_getrandom, bad, 8, 0));
	TRY(syscall(SYS_getrandom, p, 8, 64));
	TRY(syscall(SYS_getrandom, p, 0, 0));
	TRY(syscall(SYS_getrandom, p, 16, 6));
}

static void process(void)
{
	unsigned char mask[128];
	struct rlimit l;

	TRY(syscall(SYS_getpgid, -5));
	TRY(syscall(SYS_getpgid, 99999999));
	TRY(syscall(SYS_getsid, 99999999));
	TRY(syscall(SYS_getresuid, bad, bad, bad));
	TRY(syscall(SYS_getgroups, -1, NULL));
	TRY(syscall(SYS_set_robust_list, NULL, 1));
	TRY(syscall(SYS_sched_getaffinity, 0, 1, mask));
	TRY(syscall(SYS_sched_getaffinity, 0, 0, mask));
	TRY(syscall(SYS_sched_getaffinity, 99999999, 128, mask));
	TRY(syscall(SYS_sched_getaffinity, 0, 128, bad));
	TRY(syscall(SYS_getrlimit, 16, &l));
	TRY(syscall(SYS_getrlimit, 0, bad));
	TRY(syscall(SYS_uname, bad));
	TRY(syscall(SYS_getcpu, bad, NULL));
	TRY(syscall(SYS_kill, 99999999, 0));
	TRY(syscall(SYS_kill, getpid(), 65));
	TRY(syscall(SYS_kill, getpid(), -1));
	TRY(syscall(SYS_kill, getpid(), 0));
	TRY(syscall(SYS_tgkill, 0, getpid(), 0));
	TRY(syscall(SYS_tgkill, getpid(), 99999999, 0));
	TRY(syscall(SYS_tkill, 0, 0));
	TRY(syscall(SYS_tkill, -1, 0));
	TRY(syscall(SYS_rt_sigprocmask, 7, &mask, NULL, 8));
	TRY(syscall(SYS_rt_sigprocmask, 7, NULL, NULL, 8));
	TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, NULL, 4));
	TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, bad, NULL, 8));
	TRY(syscall(SYS_rt_sigpending, bad, 8));
	TRY(syscall(SYS_rt_sigpending, mask, 16));
	TRY(syscall(SYS_rt_sigpending, mask, 0));
}

static void clocks(void)
{
	struct timespec t = {0, 1000000000}, neg = {-1, 0}, zero = {0, 0}, got;
	struct timeval tv = {0, 1000000};

	TRY(syscall(SYS_clock_gettime, 99, &got));
	TRY(syscall(SYS_clock_gettime, -77, &got));
	TRY(syscall(SYS_clock_gettime, CLOCK_REALTIME, bad));
	TRY(syscall(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &got));
	TRY(syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &got));
	TRY(syscall(SYS_clock_gettime, CLOCK_TAI, &got));
	TRY(syscall(SYS_clock_getres, 99, &got));
	TRY(syscall(SYS_clock_getres, CLOCK_MONOTONIC, NULL));
	TRY(syscall(SYS_clock_settime, CLOCK_MONOTONIC, &zero));
	TRY(syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
	TRY(syscall(SYS_clock_settime, CLOCK_REALTIME, bad));
	TRY(syscall(SYS_gettimeofday, bad, NULL));
	TRY(syscall(SYS_gettimeofday, NULL, NULL));
	TRY(syscall(SYS_nanosleep, &t, NULL));
	TRY(syscall(SYS_nanosleep, &neg, NULL));
	TRY(syscall(SYS_nanosleep, bad, NULL));
	TRY(syscall(SYS_nanosleep, &zero, NULL));
	TRY(syscall(SYS_clock_nanosleep, 99, 0, &zero, NULL));
	TRY(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &t, NULL));
	TRY(syscall(SYS_utimes, "/nothing", NULL));
	TRY(syscall(SYS_futimesat, AT_FDCWD, "/nothing", NULL));
	TRY(syscall(SYS_select, 0, NULL, NULL, NULL, &(struct timeval){-1, 0}));
	TRY(syscall(SYS_select, 0, NULL, NULL, NULL, &tv) == -2);
	TRY(syscall(SYS_select, -1, NULL, NULL, NULL, NULL));
	TRY(syscall(SYS_ppoll, NULL, 0, &t, NULL, 8));
	TRY(syscall(SYS_ppoll, NULL, 0, &zero, &zero, 4));
	TRY(syscall(SYS_poll, bad, 1, 0));
	TRY(syscall(SYS_poll, NULL, 2000000, 0));
	TRY(syscall(SYS_pselect6, -1, NULL, NULL, NULL, &zero, NULL));
}

static void data(int fd, int rd, int wr, int dir)
{
	static char buf[64];
	struct iovec v[2] = {{buf, 8}, {bad, 8}};
	struct iovec huge = {buf, (size_t)-1};

	TRY(read(fd, bad, 4));
	TRY(read(-1, buf, 4));
	TRY(read(wr, buf, 4));
	TRY(read(dir, buf, 4));
	TRY(write(rd, buf, 4));
	TRY(write(fd, bad, 4));
	TRY(write(fd, bad, 0));
	TRY(write(dir, buf, 4));
	TRY(readv(fd, v, -1));
	TRY(readv(fd, v, 1025));
	TRY(readv(fd, bad, 1));
	TRY(readv(fd, &huge, 1));
	TRY(readv(fd, v, 0));
	TRY(pread(fd, buf, 4, -1));
	TRY(pwrite(fd, buf, 4, -1));
	TRY(pwrite(rd, buf, 4, 0));
	TRY(syscall(SYS_preadv, fd, v, 1, -1L, 0L));
	TRY(writev(fd, v, 2));
	TRY(lseek(fd, -1, SEEK_SET));
	TRY(lseek(fd, 0, 9));
	TRY(lseek(fd, 1000, SEEK_DATA));
	TRY(lseek(fd, 0, SEEK_HOLE));
	TRY(lseek(dir, -1, SEEK_SET));
	TRY(lseek(99, 0, SEEK_SET));
	TRY(ftruncate(fd, -1));
	TRY(ftruncate(rd, 0));
	TRY(ftruncate(dir, 0));
	TRY(truncate("f", -1));
	TRY(truncate("d", 0));
	TRY(truncate("none", 0));
	TRY(truncate("", 0));
	TRY(fsync(99));
	TRY(fsync(dir));
	TRY(fdatasync(-1));
	TRY(syscall(SYS_syncfs, 99));
	TRY(sync_file_range(fd, -1, 0, 0));
	TRY(sync_file_range(fd, 0, 0, 64));
	TRY(sync_file_range(99, 0, 0, 0));
	TRY(syscall(SYS_fadvise64, fd, 0L, 0L, 77));
	TRY(syscall(SYS_fadvise64, 99, 0L, 0L, 0));
	TRY(syscall(SYS_fadvise64, fd, 0L, -1L, 0));
	TRY(copy_file_range(rd, NULL, dir, NULL, 1, 0));
	TRY(copy_file_range(rd, NULL, rd, NULL, 1, 0));
	TRY(copy_file_range(fd, NULL, fd, NULL, 1, 1));
	TRY(copy_file_range(wr, NULL, fd, NULL, 1, 0));
	TRY(copy_file_range(dir, NULL, fd, NULL, 1, 0));
}

static void descriptors(int fd, int dir)
{
	int p[2];

	TRY(dup(-1));
	TRY(dup2(fd, -1));
	TRY(dup2(99, 5));
	TRY(dup2(99, 99));
	TRY(dup2(fd, fd) == fd);
	TRY(dup3(fd, fd, 0));
	TRY(dup3(fd, 50, 1));
	TRY(close(99));
	TRY(syscall(SYS_close_range, 90, 80, 0));
	TRY(syscall(SYS_close_range, 90, 95, 64));
	TRY(syscall(SYS_close_range, 90, ~0U, 0));
	TRY(syscall(SYS_pipe, bad));
	TRY(syscall(SYS_pipe2, p, 4));
	TRY(creat("d", 0600));
	TRY(creat("none/x", 0600));
	TRY(creat("f/x", 0600));
	TRY(fchdir(fd));
	TRY(fchdir(99));
	TRY(chdir("f"));
	TRY(chdir(""));
	TRY(chdir("none"));
	TRY(chdir(bad));
	TRY(syscall(SYS_getcwd, NULL, 0));
	TRY(syscall(SYS_getcwd, bad, 100));
	TRY(syscall(SYS_getcwd, p, 1));
	TRY(syscall(SYS_getdents64, fd, p, 8));
	TRY(syscall(SYS_getdents64, dir, p, 8));
	TRY(syscall(SYS_getdents64, dir, bad, 400));
	TRY(syscall(SYS_getdents64, 99, p, 8));
}

static void names(int fd)
{
	char buf[32], longest[5000];
	struct stat st;

	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	TRY(stat("", &st));
	TRY(stat("f/", &st));
	TRY(stat("f/.", &st));
	TRY(stat("none", &st));
	TRY(stat(bad, &st));
	TRY(stat(longest, &st));
	longest[300] = 0;
	TRY(stat(longest, &st));
	TRY(stat("loop", &st));
	TRY(lstat("loop", &st));
	TRY(syscall(SYS_newfstatat, fd, "x", &st, 0));
	TRY(syscall(SYS_newfstatat, 99, "x", &st, 0));
	TRY(syscall(SYS_newfstatat, fd, "", &st, 0));
	TRY(syscall(SYS_newfstatat, AT_FDCWD, "f", &st, 64));
	TRY(syscall(SYS_fstat, fd, bad));
	TRY(access("f", 8));
	TRY(access("f", X_OK));
	TRY(access("none", F_OK));
	TRY(syscall(SYS_faccessat2, AT_FDCWD, "f", 0, 0x40));
	TRY(chmod("none", 0));
	TRY(chmod("loop", 0));
	TRY(fchmod(99, 0));
	TRY(chown("none", 0, 0));
	TRY(syscall(SYS_fchownat, AT_FDCWD, "f", -1, -1, 64));
	TRY(syscall(SYS_fchownat, fd, "", -1, -1, AT_EMPTY_PATH));
	TRY(syscall(SYS_utimensat, AT_FDCWD, NULL, NULL, 0));
	TRY(syscall(SYS_utimensat, AT_FDCWD, "f", NULL, 64));
	TRY(syscall(SYS_utimensat, fd, NULL, NULL, 0));
	TRY(mkdir("d", 0700));
	TRY(mkdir("f/x", 0700));
	TRY(mkdir("none/x", 0700));
	TRY(mkdir("", 0700));
	TRY(mkdir("/", 0700));
	TRY(mkdir("loop", 0700));
	TRY(mkdir("loop/x", 0700));
	TRY(rmdir("f"));
	TRY(rmdir("d"));
	TRY(rmdir("d/."));
	TRY(rmdir("d/.."));
	TRY(rmdir("/"));
	TRY(rmdir("none"));
	TRY(unlink("d"));
	TRY(unlink("f/"));
	TRY(unlink("none"));
	TRY(unlink("/"));
	TRY(unlink("."));
	TRY(unlinkat(AT_FDCWD, "f", 1));
	TRY(unlinkat(AT_FDCWD, "f", AT_REMOVEDIR));
	TRY(rename("none", "x"));
	TRY(rename("d", "f"));
	TRY(rename("f", "d"));
	TRY(rename("d", "d/x"));
	TRY(rename("d/x", "d"));
	TRY(rename(".", "x"));
	TRY(rename("f", "f/"));
	TRY(rename("f", "x/"));
	TRY(rename("f", "f"));
	TRY(link("d", "x"));
	TRY(link("f", "f"));
	TRY(link("none", "x"));
	TRY(syscall(SYS_linkat, AT_FDCWD, "f", AT_FDCWD, "x", 1));
	TRY(symlink("", "x"));
	TRY(symlink("a", "f"));
	TRY(symlink("a", "none/x"));
	TRY(symlink("a", "x/"));
	TRY(readlink("f", buf, 8));
	TRY(readlink("loop", buf, 0));
	TRY(readlink("loop", buf, -1));
	TRY(readlink("loop", buf, 2));
	TRY(readlink("loop", bad, 8));
	TRY(syscall(SYS_readlinkat, fd, "", buf, 8));
	TRY(syscall(SYS_statfs, "none", buf));
	TRY(syscall(SYS_statfs, "f", bad));
	TRY(syscall(SYS_fstatfs, 99, buf));
}

/* In the upper half of a register; Linux looks at an int's lower half. */
#define G   0x500000000L
#define CWD 0x5ffffff9cL /* AT_FDCWD */

static void wide(int fd, int rd, int d)
{
	static char buf[4096];
	struct timespec t = {0, 1};
	struct pollfd p = {fd, POLLIN, 0};
	unsigned char mask[128];
	int two[2];

	TRY(syscall(SYS_getgroups, -1, NULL));
	TRY(syscall(SYS_getpgid, G) == getpgrp());
	TRY(syscall(SYS_getsid, G) == getsid(0));
	TRY(syscall(SYS_sched_getaffinity, G, 128, mask) > 0);
	TRY(syscall(SYS_sched_getaffinity, 0, G | 128, mask) > 0);
	TRY(syscall(SYS_prctl, G | 15, "name", 0, 0, 0));
	TRY(syscall(SYS_getrlimit, G | RLIMIT_CORE, buf));
	TRY(syscall(SYS_prlimit64, G, G | RLIMIT_CORE, NULL, buf));
	TRY(syscall(SYS_getrusage, G, buf));
	TRY(syscall(SYS_kill, G | (unsigned)getpid(), G));
	TRY(syscall(
		SYS_tgkill, G | (unsigned)getpid(), G | (unsigned)getpid(), G));
	TRY(syscall(SYS_rt_sigprocmask, G, NULL, NULL, 8));
	TRY(syscall(SYS_rt_sigaction, G | SIGUSR1, NULL, buf, 8));
	TRY(syscall(SYS_clock_gettime, G, buf));
	TRY(syscall(SYS_clock_getres, G, buf));
	TRY(syscall(SYS_clock_nanosleep, G | 1, G, &t, NULL));
	TRY(syscall(SYS_futex, buf, G | 1, G | 1, NULL, NULL, 0));
	TRY(syscall(SYS_futex, buf, 0, G | 1, &t, NULL, 0));
	TRY(syscall(SYS_read, G | (unsigned)rd, buf, 1));
	TRY(syscall(SYS_write, G | (unsigned)fd, buf, 1));
	TRY(syscall(SYS_pread64, G | (unsigned)rd, buf, 1, 0));
	TRY(syscall(SYS_lseek, G | (unsigned)rd, 0, G));
	TRY(syscall(SYS_fcntl, G | (unsigned)rd, G | F_GETFD, 0));
	TRY(syscall(SYS_ioctl, G | (unsigned)rd, G | 0x5451, 0));
	TRY(syscall(SYS_dup3, G | (unsigned)rd, G | 40, G | O_CLOEXEC));
	TRY(syscall(SYS_dup2, G | (unsigned)rd, G | 41));
	TRY(syscall(SYS_close, G | 40));
	TRY(syscall(SYS_close_range, G | 41, G | 41, G));
	TRY(syscall(SYS_flock, G | (unsigned)rd, G | 1));
	TRY(syscall(SYS_openat, CWD, "f", G, G) > 0);
	TRY(syscall(SYS_fchmodat, CWD, "f", G | 0600));
	TRY(syscall(SYS_chmod, "f", G | 0600));
	TRY(syscall(SYS_fchown, G | (unsigned)rd, -1, -1));
	TRY(syscall(SYS_umask, G | 022));
	TRY(syscall(SYS_mkdirat, CWD, "wide", G | 0700));
	TRY(syscall(SYS_unlinkat, CWD, "wide", G | AT_REMOVEDIR));
	TRY(syscall(SYS_faccessat2, CWD, "f", G, G));
	TRY(syscall(SYS_newfstatat, CWD, "f", buf, G));
	TRY(syscall(SYS_statx, CWD, "f", G, G | 0x7ff, buf));
	TRY(syscall(SYS_utimensat, CWD, "f", NULL, G));
	TRY(syscall(SYS_renameat2, CWD, "f", CWD, "f2", G));
	TRY(syscall(SYS_linkat, CWD, "f2", CWD, "f", G));
	TRY(syscall(SYS_unlink, "f2"));
	TRY(syscall(SYS_readlinkat, CWD, "loop", buf, G | 4));
	TRY(syscall(SYS_readlink, "loop", buf, G | 2));
	TRY(syscall(SYS_getdents64, G | (unsigned)d, buf, G | 4096) > 0);
	TRY(syscall(SYS_fallocate, G | (unsigned)fd, G, 0, 4));
	TRY(syscall(SYS_fadvise64, G | (unsigned)fd, 0, 0, G));
	TRY(syscall(SYS_sync_file_range, G | (unsigned)fd, 0, 0, G));
	TRY(syscall(SYS_copy_file_range, G | (unsigned)rd, NULL,
		G | (unsigned)fd, NULL, 1, G));
	TRY(syscall(SYS_poll, &p, G | 1, G));
	TRY(syscall(SYS_poll, &p, 0, G));
	TRY(syscall(SYS_ppoll, &p, G | 1, &t, NULL, 0));
	TRY(syscall(
		SYS_select, G | 1, NULL, NULL, NULL, &(struct timeval){0, 1}));
	TRY(syscall(SYS_pipe2, two, G));
	TRY(syscall(SYS_getrandom, buf, 4, G));
	TRY(syscall(SYS_madvise, buf, 0, G | 0));
	TRY(syscall(SYS_msync, (long)buf & -4096L, 1, G | MS_SYNC));
	TRY(syscall(SYS_mlock2, buf, 1, G));
	TRY(syscall(SYS_readv, G | (unsigned)rd, NULL, 0));
	TRY(syscall(SYS_mknodat, CWD, "reg", G | S_IFREG | 0600, G));
	TRY(syscall(SYS_unlink, "reg"));
	TRY(syscall(SYS_sendfile, G | (unsigned)fd, G | (unsigned)rd, NULL, 0));
}

int main(void)
{
	char dir[] = "/tmp/abi-XXXXXX";
	int fd, rd, wr, d;

	umask(022);
	if (!mkdtemp(dir) || chdir(dir) || mkdir("d", 0755) ||
		mkdir("d/x", 0755) || symlink("loop", "loop")) {
		perror("abi-errors");
		return 1;
	}
	fd = open("f", O_RDWR | O_CREAT, 0644);
	rd = open("f", O_RDONLY);
	wr = open("f", O_WRONLY);
	d = open("d", O_RDONLY | O_DIRECTORY);
	if (write(fd, "text", 4) != 4 || rd < 0 || wr < 0 || d < 0)
		return 1;
	memory();
	process();
	clocks();
	data(fd, rd, wr, d);
	descriptors(fd, d);
	names(fd);
	wide(fd, rd, d);
	rmdir("d/x");
	rmdir("d");
	unlink("loop");
	unlink("f");
	unlink("x");
	return chdir("/") || rmdir(dir);
}

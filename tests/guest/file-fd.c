/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors: dup, fcntl, close_range, limits, locks. */
#include "file-tap.h"

#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static void dups(void)
{
	int fd = OPEN(open("f", O_RDWR | O_CREAT, 0600)), fd2;

	CHECK(fd == 3);
	fd2 = dup(fd);
	CALL(fd2);
	CALL(write(fd, "abc", 3));
	CALL(lseek(fd2, 0, SEEK_CUR));
	CALL(dup2(fd, 20));
	CALL(lseek(20, 0, SEEK_CUR));
	CALL(dup2(fd, fd));
	CALL(dup2(999, 999));
	CALL(dup2(999, 20));
	CALL(fcntl(20, F_GETFD));
	CALL(dup2(fd, -1));
	CALL(dup2(fd, 1 << 30));
	CALL(dup3(fd, 21, O_CLOEXEC));
	CALL(fcntl(21, F_GETFD));
	CALL(dup3(fd, fd, 0));
	CALL(dup3(fd, 22, 1));
	CALL(dup(999));
	CALL(fcntl(fd, F_DUPFD, 100));
	CALL(fcntl(fd, F_DUPFD_CLOEXEC, 100));
	CALL(fcntl(101, F_GETFD));
	CALL(fcntl(fd, F_DUPFD, -1));
	CALL(fcntl(fd, F_DUPFD, 1 << 30));
	CALL(fcntl(999, F_DUPFD, 0));
	CALL(fcntl(fd, F_SETFD, FD_CLOEXEC));
	CALL(fcntl(fd, F_GETFD));
	CALL(ioctl(fd, FIONCLEX));
	CALL(fcntl(fd, F_GETFD));
	CALL(ioctl(fd, FIOCLEX));
	CALL(fcntl(fd, F_GETFD));
	CALL(fcntl(999, F_GETFD));
	CALL(fcntl(fd, 12345));
	CALL(close(4));
	CALL(dup(fd));
	CALL(syscall(SYS_close_range, 20, 50, 0));
	CALL(fcntl(20, F_GETFD));
	CALL(syscall(SYS_close_range, 100, ~0u, 4));
	CALL(fcntl(100, F_GETFD));
	CALL(syscall(SYS_close_range, 100, ~0u, 0));
	CALL(fcntl(100, F_GETFD));
	CALL(syscall(SYS_close_range, 5, 4, 0));
	CALL(syscall(SYS_close_range, 5, 6, 64));
	CALL(close(4));
	CALL(close(fd));
}

static void limits(void)
{
	struct rlimit old, few;
	int fd, n = 0;

	CALL(getrlimit(RLIMIT_NOFILE, &old));
	few = old;
	few.rlim_cur = 30;
	CALL(setrlimit(RLIMIT_NOFILE, &few));
	while ((fd = open("f", O_RDONLY)) >= 0)
		n++;
	CALL(fd);
	CALL(n);
	CALL(dup(0));
	CALL(dup2(0, 30));
	CALL(fcntl(0, F_DUPFD, 30));
	CALL(fcntl(0, F_DUPFD, 29));
	CALL(setrlimit(RLIMIT_NOFILE, &old));
	CALL(dup2(0, 30));
	CALL(dup2(0, 900));
	CALL(close(900));
	for (fd = 3; fd < 31; fd++)
		close(fd);
}

static long lock(int fd, int cmd, int type, int whence, long start, long len)
{
	struct flock l = {.l_type = type,
		.l_whence = whence,
		.l_start = start,
		.l_len = len,
		.l_pid = 0};
	long r = fcntl(fd, cmd, &l);

	if (!r && (cmd == F_GETLK || cmd == F_OFD_GETLK))
		printf("# type %d whence %d start %ld len %ld pid %d\n",
			l.l_type, l.l_whence, (long)l.l_start, (long)l.l_len,
			l.l_pid == -1);
	return r;
}

static void records(void)
{
	int a = OPEN(open("f", O_RDWR)), b = OPEN(open("f", O_RDWR));
	int r = OPEN(open("f", O_RDONLY)), w = OPEN(open("f", O_WRONLY));

	CALL(lock(a, F_SETLK, F_WRLCK, SEEK_SET, 0, 100));
	CALL(lock(b, F_SETLK, F_WRLCK, SEEK_SET, 50, 100));
	CALL(lock(b, F_GETLK, F_WRLCK, SEEK_SET, 0, 0));
	CALL(lock(a, F_SETLKW, F_RDLCK, SEEK_SET, 10, 10));
	CALL(lock(a, F_SETLK, F_UNLCK, SEEK_SET, 0, 0));
	CALL(lock(r, F_SETLK, F_WRLCK, SEEK_SET, 0, 1));
	CALL(lock(r, F_SETLK, F_RDLCK, SEEK_SET, 0, 1));
	CALL(lock(w, F_SETLK, F_RDLCK, SEEK_SET, 0, 1));
	CALL(lock(a, F_SETLK, 7, SEEK_SET, 0, 1));
	CALL(lock(a, F_GETLK, F_UNLCK, SEEK_SET, 0, 1));
	CALL(lock(a, F_SETLK, F_RDLCK, 9, 0, 1));
	CALL(lock(a, F_SETLK, F_RDLCK, SEEK_SET, -1, 1));
	CALL(lock(a, F_SETLK, F_RDLCK, SEEK_SET, 5, -6));
	CALL(lock(a, F_SETLK, F_RDLCK, SEEK_SET, 5, -5));
	CALL(lock(a, F_SETLK, F_RDLCK, SEEK_END, 0, 5));
	CALL(fcntl(a, F_SETLK, (void *)16));
	CALL(lock(999, F_SETLK, F_RDLCK, SEEK_SET, 0, 1));
	CALL(lock(a, F_SETLK, F_UNLCK, SEEK_SET, 0, 0));
	CALL(close(w));
	CALL(close(r));
	/* Of open files: they meet. */
	CALL(lock(a, F_OFD_SETLK, F_WRLCK, SEEK_SET, 0, 100));
	CALL(lock(b, F_OFD_SETLK, F_RDLCK, SEEK_SET, 99, 1));
	CALL(lock(b, F_OFD_SETLK, F_RDLCK, SEEK_SET, 100, 1));
	CALL(lock(b, F_OFD_GETLK, F_RDLCK, SEEK_SET, 50, 0));
	CALL(lock(b, F_GETLK, F_RDLCK, SEEK_SET, 50, 0));
	CALL(lock(b, F_SETLK, F_RDLCK, SEEK_SET, 50, 1));
	CALL(lock(a, F_OFD_SETLK, F_UNLCK, SEEK_SET, 20, 10));
	CALL(lock(b, F_OFD_SETLK, F_WRLCK, SEEK_SET, 20, 10));
	CALL(lock(b, F_OFD_GETLK, F_WRLCK, SEEK_SET, 10, 30));
	CALL(lock(b, F_OFD_GETLK, F_WRLCK, SEEK_SET, 30, 30));
	CALL(close(a));
	CALL(lock(b, F_OFD_SETLK, F_WRLCK, SEEK_SET, 0, 0));
	CALL(close(b));
}

static void whole(void)
{
	int a = OPEN(open("f", O_RDWR)), b = OPEN(open("f", O_RDONLY)), c;

	CALL(flock(a, LOCK_SH));
	CALL(flock(b, LOCK_SH | LOCK_NB));
	CALL(flock(b, LOCK_EX | LOCK_NB));
	CALL(flock(a, LOCK_EX | LOCK_NB));
	CALL(flock(b, LOCK_SH | LOCK_NB));
	c = dup(a);
	CALL(flock(c, LOCK_EX));
	CALL(close(a));
	CALL(flock(b, LOCK_SH | LOCK_NB));
	CALL(flock(c, LOCK_UN));
	CALL(flock(b, LOCK_SH | LOCK_NB));
	CALL(flock(b, LOCK_UN));
	CALL(flock(b, 0));
	CALL(flock(b, 3));
	CALL(flock(999, LOCK_SH));
	CALL(close(c));
	CALL(close(b));
}

static void controls(void)
{
	int fd = OPEN(open("f", O_RDWR)), n = -1, on = 1;

	CALL(pwrite(fd, "0123456789", 10, 0));
	CALL(lseek(fd, 4, SEEK_SET));
	CALL(ioctl(fd, FIONREAD, &n));
	CALL(n);
	CALL(ioctl(fd, FIONBIO, &on));
	CALL(fcntl(fd, F_GETFL) & O_NONBLOCK);
	CALL(ioctl(fd, FIONBIO, (int *)16));
	CALL(isatty(fd));
	CALL(ioctl(fd, TIOCGWINSZ, &n));
	CALL(ioctl(fd, 0x12345678, &n));
	CALL(ioctl(999, FIONREAD, &n));
	CALL(close(fd));
}

int main(void)
{
	/* Whoever started this may have left some open. */
	syscall(SYS_close_range, 3, ~0u, 0);
	tap_enter("file-fd");
	dups();
	limits();
	records();
	whole();
	controls();
	return tap_done();
}

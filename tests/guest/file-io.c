/* SPDX-License-Identifier: Apache-2.0 */
/* read, write and their vectors, offsets, holes, truncation, space. */
#include "file-tap.h"

#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define KEEP  1 /* FALLOC_FL_* */
#define PUNCH 2
#define ZERO  16

static char big[100000];

/* A number that stands for the content. */
static long sum_of(int fd)
{
	static char buf[65536];
	unsigned long sum = 5381;
	long n, at = 0;

	while ((n = pread(fd, buf, sizeof(buf), at)) > 0) {
		for (long i = 0; i < n; i++)
			sum = sum * 33 + (unsigned char)buf[i];
		at += n;
	}
	return n < 0 ? -1 : (long)(sum >> 8);
}

static long size_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? -1 : (long)st.st_size;
}

static long blocks_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? -1 : (long)st.st_blocks;
}

static void basics(void)
{
	int fd = OPEN(open("f", O_RDWR | O_CREAT, 0600));

	for (unsigned i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7 + i / 4096);
	CALL(write(fd, big, 0));
	CALL(write(fd, big, sizeof(big)));
	CALL(sum_of(fd));
	CALL(lseek(fd, 4090, SEEK_SET));
	CALL(write(fd, "crosses a page", 14));
	CALL(lseek(fd, 0, SEEK_CUR));
	CALL(sum_of(fd));
	CALL(pwrite(fd, "x", 1, 99999));
	CALL(pwrite(fd, "x", 1, 100000));
	CALL(pwrite(fd, "far", 3, 300000));
	CALL(size_of(fd));
	CALL(sum_of(fd));
	CALL(pread(fd, big, 10, 300003));
	CALL(pread(fd, big, 10, 300001));
	CALL(pread(fd, big, 10, -1));
	CALL(pwrite(fd, big, 10, -1));
	CALL(read(fd, NULL, 10));
	CALL(read(fd, (char *)16, 10));
	CALL(write(fd, (char *)16, 10));
	CALL(write(fd, (char *)16, 0));
	CALL(size_of(fd));
	CALL(read(999, big, 1));
	CALL(write(-1, big, 1));
	CALL(pwrite(fd, "x", 1, 0x7fffffffffffffff));
	CALL(close(fd));
	CALL(close(fd));
}

static void vectors(void)
{
	char a[5] = "", b[7] = "", c[3] = "";
	struct iovec v[3] = {{"one", 3}, {"", 0}, {"three", 5}};
	struct iovec r[3] = {{a, 4}, {b, 6}, {c, 2}};
	struct iovec bad[2] = {{"one", 3}, {(char *)16, 4}};
	int fd = OPEN(open("v", O_RDWR | O_CREAT, 0600));

	CALL(writev(fd, v, 3));
	CALL(writev(fd, v, 0));
	CALL(writev(fd, v, -1));
	CALL(writev(fd, v, 1025));
	CALL(writev(fd, (struct iovec *)16, 1));
	CALL(lseek(fd, 0, SEEK_SET));
	CALL(readv(fd, r, 3));
	printf("# %s %s %s\n", a, b, c);
	CALL(readv(fd, r, 3));
	CALL(pwritev(fd, v, 3, 100));
	CALL(preadv(fd, r, 3, 99));
	CALL(preadv(fd, r, 3, -1));
	CALL(syscall(SYS_preadv2, fd, r, 3, 0L, 0L, 0));
	CALL(syscall(SYS_preadv2, fd, r, 3, 0L, 0L, 0x40000000));
	CALL(syscall(SYS_pwritev2, fd, v, 3, 50L, 0L, 2));
	v[0].iov_len = (size_t)-1;
	CALL(writev(fd, v, 3));
	CALL(writev(fd, bad, 2));
	CALL(size_of(fd));
	CALL(close(fd));
}

static void seeks(void)
{
	int fd = OPEN(open("s", O_RDWR | O_CREAT, 0600));

	CALL(lseek(fd, 10, SEEK_SET));
	CALL(lseek(fd, -11, SEEK_CUR));
	CALL(lseek(fd, 5, SEEK_END));
	CALL(lseek(fd, -1, SEEK_END));
	CALL(lseek(fd, 0, 17));
	CALL(lseek(fd, -1, SEEK_SET));
	CALL(lseek(999, 0, SEEK_SET));
	CALL(pwrite(fd, big, 4096, 8192));
	CALL(ftruncate(fd, 65536));
	CALL(lseek(fd, 9000, SEEK_DATA));
	if (!on_volume()) {
		CALL(lseek(fd, 0, SEEK_DATA));
		CALL(lseek(fd, 12288, SEEK_DATA));
		CALL(lseek(fd, 0, SEEK_HOLE));
		CALL(lseek(fd, 8192, SEEK_HOLE));
		CALL(lseek(fd, 65535, SEEK_HOLE));
	}
	CALL(lseek(fd, 65536, SEEK_HOLE));
	CALL(lseek(fd, 65536, SEEK_DATA));
	CALL(lseek(fd, -1, SEEK_DATA));
	CALL(blocks_of(fd));
	CALL(close(fd));
}

static void truncation(void)
{
	int fd = OPEN(open("t", O_RDWR | O_CREAT, 0600));

	CALL(write(fd, big, 10000));
	CALL(ftruncate(fd, 5000));
	CALL(sum_of(fd));
	CALL(ftruncate(fd, 9000));
	CALL(sum_of(fd));
	CALL(ftruncate(fd, 0));
	CALL(ftruncate(fd, 4096));
	CALL(sum_of(fd));
	CALL(blocks_of(fd));
	CALL(ftruncate(fd, -1));
	CALL(ftruncate(999, 0));
	CALL(truncate("t", 12));
	CALL(size_of(fd));
	CALL(truncate("t", -1));
	CALL(truncate("none", 1));
	CALL(truncate(".", 1));
	CALL(truncate("t/x", 1));
	CALL(close(fd));
}

static void space(void)
{
	int fd = OPEN(open("a", O_RDWR | O_CREAT, 0600));

	CALL(fallocate(fd, 0, 0, 8192));
	CALL(size_of(fd));
	CALL(blocks_of(fd));
	CALL(sum_of(fd));
	CALL(fallocate(fd, KEEP, 8192, 4096));
	CALL(size_of(fd));
	CALL(blocks_of(fd));
	CALL(pwrite(fd, big, 12288, 0));
	CALL(fallocate(fd, PUNCH | KEEP, 4096, 4096));
	CALL(blocks_of(fd));
	CALL(sum_of(fd));
	CALL(lseek(fd, 0, SEEK_HOLE));
	CALL(fallocate(fd, PUNCH | KEEP, 100, 200));
	CALL(fallocate(fd, PUNCH | KEEP, 3000, 6000));
	CALL(sum_of(fd));
	CALL(fallocate(fd, ZERO, 10, 5000));
	CALL(sum_of(fd));
	CALL(fallocate(fd, ZERO | KEEP, 12000, 5000));
	CALL(size_of(fd));
	CALL(fallocate(fd, PUNCH, 0, 10));
	CALL(fallocate(fd, 0, -1, 10));
	CALL(fallocate(fd, 0, 0, 0));
	CALL(fallocate(fd, 0, 0x7fffffffffffff00, 0x7fffffff));
	CALL(fallocate(fd, 0x1000, 0, 10));
	CALL(fallocate(999, 0, 0, 10));
	CALL(posix_fallocate(fd, 0, 100));
	CALL(fsync(fd));
	CALL(fdatasync(fd));
	CALL(fsync(999));
	CALL(syscall(SYS_sync_file_range, fd, 0L, 0L, 7));
	CALL(syscall(SYS_sync_file_range, fd, 0L, 0L, 8));
	CALL(syscall(SYS_syncfs, fd));
	CALL(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
	CALL(posix_fadvise(fd, 0, 0, 77));
	CALL(close(fd));
	fd = OPEN(open("a", O_RDONLY));
	CALL(fallocate(fd, 0, 0, 10));
	CALL(ftruncate(fd, 10));
	CALL(close(fd));
	fd = OPEN(open(".", O_RDONLY));
	CALL(fallocate(fd, 0, 0, 10));
	CALL(close(fd));
}

static long copy_range(
	int in, loff_t *from, int out, loff_t *to, size_t n, unsigned flags)
{
	return syscall(SYS_copy_file_range, in, from, out, to, n, flags);
}

static void copies(void)
{
	int in = OPEN(open("f", O_RDONLY));
	int out = OPEN(open("out", O_RDWR | O_CREAT, 0600));
	off_t at = 50;
	loff_t from = 100, to = 200;
	int p[2];

	CALL(sendfile(out, in, NULL, 70000));
	CALL(lseek(in, 0, SEEK_CUR));
	CALL(sum_of(out));
	CALL(sendfile(out, in, &at, 1000));
	CALL(at);
	CALL(lseek(in, 0, SEEK_CUR));
	CALL(sum_of(out));
	CALL(sendfile(in, out, NULL, 10));
	CALL(sendfile(out, 999, NULL, 10));
	at = 1000000;
	CALL(sendfile(out, in, &at, 10));
	at = -1;
	CALL(sendfile(out, in, &at, 10));
	CALL(copy_range(in, &from, out, &to, 40000, 0));
	CALL(from);
	CALL(to);
	CALL(sum_of(out));
	CALL(copy_range(in, &from, out, &to, 10, 1));
	CALL(copy_range(out, NULL, in, NULL, 10, 0));
	from = 0;
	to = 50;
	CALL(copy_range(out, &from, out, &to, 100, 0));
	to = 100000;
	CALL(copy_range(out, &from, out, &to, 100, 0));
	CALL(size_of(out));
	CALL(close(in));
	CALL(close(out));
	CALL(pipe(p));
	in = OPEN(open("f", O_RDONLY));
	CALL(sendfile(p[1], in, NULL, 5000));
	CALL(read(p[0], big, sizeof(big)));
	CALL(sendfile(p[0], in, NULL, 10));
	CALL(sendfile(p[1], p[0], NULL, 10));
	CALL(copy_range(in, NULL, p[1], NULL, 10, 0));
	CALL(close(p[0]));
	CALL(close(p[1]));
	fflush(stdout);
	CALL(tap_put("line", "# through sendfile\n"));
	fflush(stdout);
	out = open("line", O_RDONLY);
	CALL(sendfile(1, out, NULL, 100));
	CALL(close(out));
	CALL(close(in));
	out = OPEN(open("out", O_WRONLY | O_APPEND));
	in = OPEN(open("f", O_RDONLY));
	CALL(sendfile(out, in, NULL, 10));
	CALL(copy_range(in, NULL, out, NULL, 10, 0));
	CALL(close(out));
	out = OPEN(open(".", O_RDONLY));
	CALL(copy_range(out, NULL, in, NULL, 10, 0));
}

int main(void)
{
	tap_enter("file-io");
	basics();
	vectors();
	seeks();
	truncation();
	if (!on_volume())
		space();
	copies();
	return tap_done();
}

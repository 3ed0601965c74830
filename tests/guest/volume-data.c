/* SPDX-License-Identifier: Apache-2.0 */
/* Content: large files, mappings, what has to be on the disk. */
/* guest: volume */
#include "file-tap.h"

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#define GIB (1LL << 30)

static char buf[300000];

static long sum(const char *p, size_t n)
{
	unsigned long s = 5381;

	while (n--)
		s = s * 33 + (unsigned char)*p++;
	return (long)(s & 0xffffff);
}

static void pattern(char *p, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (char)((i * 7 + i / 251 + seed) & 0xff);
}

static void large(void)
{
	struct stat st;
	int fd = OPEN(open("large", O_RDWR | O_CREAT, 0600));

	CALL(pwrite(fd, "far", 3, 5 * GIB));
	CALL(fstat(fd, &st));
	CALL(st.st_size);
	memset(buf, '#', 8);
	CALL(pread(fd, buf, 8, 5 * GIB - 4));
	CHECK(!memcmp(buf, "\0\0\0\0far#", 8));
	CALL(pread(fd, buf, 8, 6 * GIB));
	CALL(lseek(fd, -3, SEEK_END));
	CALL(read(fd, buf, 8));
	CALL(ftruncate(fd, 7 * GIB));
	CALL(lseek(fd, 0, SEEK_END));
	CALL(truncate("large", 10));
	CALL(lseek(fd, 0, SEEK_END));
	CALL(pread(fd, buf, 100, 0));
	CALL(close(fd));
}

/* More than fits one message, at places that are none of a page. */
static void blocks(void)
{
	struct iovec v[3] = {{buf, 1000}, {buf + 5000, 100000}, {buf, 0}};
	int fd = OPEN(open("blocks", O_RDWR | O_CREAT, 0600));
	long good = 0;

	pattern(buf, sizeof(buf), 1);
	CALL(write(fd, buf, sizeof(buf)));
	CALL(pwrite(fd, buf, 70000, 123457));
	CALL(writev(fd, v, 3));
	CALL(lseek(fd, 0, SEEK_SET));
	memset(buf, 0, sizeof(buf));
	CALL(read(fd, buf, sizeof(buf)));
	CALL(sum(buf, sizeof(buf)));
	CALL(read(fd, buf, sizeof(buf)));
	CALL(sum(buf, 101000));
	CALL(read(fd, buf, sizeof(buf)));
	for (int i = 0; i < 200; i++)
		good += pread(fd, buf, 1, i * 1999) == 1;
	CALL(good);
	CALL(pread(fd, (char *)8, 100, 0));
	CALL(pwrite(fd, (char *)8, 100, 0));
	CALL(close(fd));
}

static void safety(void)
{
	int fd = OPEN(open("safe", O_RDWR | O_CREAT | O_SYNC, 0600)), dir;

	CALL(write(fd, "x", 1));
	CALL(fsync(fd));
	CALL(fdatasync(fd));
	CALL(close(fd));
	fd = OPEN(open("safe", O_WRONLY | O_DSYNC));
	CALL(write(fd, "y", 1));
	CALL(close(fd));
	dir = OPEN(open(".", O_RDONLY | O_DIRECTORY));
	CALL(fsync(dir));
	CALL(fdatasync(dir));
	CALL(syncfs(dir));
	CALL(close(dir));
	fd = OPEN(open("safe", O_RDONLY));
	CALL(fsync(fd));
	CALL(write(fd, "z", 1));
	CALL(ftruncate(fd, 0));
	CALL(close(fd));
}

/* Calls and mappings of one file see the same bytes. */
static void shared(void)
{
	int fd = OPEN(open("map", O_RDWR | O_CREAT, 0600));
	char *p, *q, *own;

	pattern(buf, 20000, 3);
	CALL(write(fd, buf, 10000));
	p = mmap(NULL, 20000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	CHECK(!memcmp(p, buf, 10000) && !p[10000]);
	strcpy(p + 100, "by the mapping");
	CALL(pread(fd, buf, 15, 100));
	printf("# %s\n", buf);
	CALL(pwrite(fd, "by the call", 12, 5000));
	printf("# %s\n", p + 5000);
	strcpy(p + 100, "once more, after it was written out");
	CALL(pread(fd, buf, 40, 100));
	printf("# %s\n", buf);
	q = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
	strcpy(q + 200, "by the other");
	printf("# %s\n", p + 4096 + 200);
	own = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 4096);
	strcpy(own + 200, "for me only");
	printf("# %s, %s, %s\n", p + 4296, q + 200, own + 200);
	CALL(msync(p, 20000, MS_SYNC));
	printf("# %s\n", own + 200);
	/* The file grows under the mapping; behind the old end are zeros. */
	p[10001] = 'x';
	CALL(ftruncate(fd, 20000));
	CHECK(!p[10001] && !p[15000]);
	CALL(pread(fd, buf, 5, 10000));
	CHECK(!memcmp(buf, "\0\0\0\0\0", 5));
	p[19999] = 'e';
	CALL(munmap(q, 8192));
	CALL(munmap(own, 8192));
	CALL(close(fd));
	p[0] = 'f';
	CALL(munmap(p, 20000));
	fd = OPEN(open("map", O_RDONLY));
	CALL(read(fd, buf, 20000));
	CALL(sum(buf, 20000));
	printf("# %c %c\n", buf[0], buf[19999]);
	CHECK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) ==
			MAP_FAILED &&
		errno == EACCES);
	CALL(close(fd));
}

/* Copies between files, by the kernel. */
static void copies(void)
{
	int from = OPEN(open("blocks", O_RDONLY));
	int to = OPEN(open("copy", O_RDWR | O_CREAT | O_TRUNC, 0600));
	off_t a = 1000, b = 0;

	CALL(copy_file_range(from, &a, to, &b, 50000, 0));
	CALL(a);
	CALL(b);
	CALL(pread(to, buf, 60000, 0));
	CALL(sum(buf, 50000));
	CALL(sendfile(to, from, &a, 200000));
	CALL(a);
	CALL(lseek(to, 0, SEEK_CUR));
	CALL(pread(to, buf, 200000, 0));
	CALL(sum(buf, 200000));
	CALL(close(from));
	CALL(close(to));
}

static void locks(void)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_END, .l_len = -5};
	int fd = OPEN(open("copy", O_RDWR));

	CALL(fcntl(fd, F_SETLK, &l));
	CALL(fcntl(fd, F_GETLK, &l));
	CALL(l.l_type == F_UNLCK);
	CALL(close(fd));
}

int main(void)
{
	tap_enter("volume-data");
	large();
	blocks();
	safety();
	shared();
	copies();
	locks();
	return tap_done();
}

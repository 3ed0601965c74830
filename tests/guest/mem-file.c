/* SPDX-License-Identifier: Apache-2.0 */
/* mmap of files: private and shared, at the end of the file, truncation. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mem-tap.h"

#ifndef MAP_SYNC
#define MAP_SYNC 0x80000
#endif
#ifndef MAP_SHARED_VALIDATE
#define MAP_SHARED_VALIDATE 3
#endif

#define PAGE 4096L

enum { RW = PROT_READ | PROT_WRITE };

static char name[] = "/tmp/mem-file-XXXXXX";
static char page[PAGE];

/* A file of 10 pages and 100 bytes; page n is full of 'a' + n. */
static int make_file(void)
{
	int fd = mkstemp(name);

	for (int i = 0; i < 11; i++) {
		memset(page, 'a' + i, PAGE);
		if (write(fd, page, i < 10 ? PAGE : 100) < 0)
			return -1;
	}
	return fd;
}

static char in_file(int fd, long at)
{
	char c = 0;

	return pread(fd, &c, 1, at) == 1 ? c : 0;
}

static void private(int fd)
{
	char *p = mmap(NULL, 11 * PAGE, RW, MAP_PRIVATE, fd, 0), *q;

	check(p != MAP_FAILED && p[0] == 'a' && p[9 * PAGE] == 'j',
		"a private mapping shows the file");
	check(p[10 * PAGE + 99] == 'k' && p[10 * PAGE + 100] == 0 &&
			p[11 * PAGE - 1] == 0,
		"behind its end the last page is zero");
	p[2 * PAGE] = 'X';
	check(p[2 * PAGE] == 'X' && p[2 * PAGE + 1] == 'c',
		"it can be written");
	check(in_file(fd, 2 * PAGE) == 'c', "the file does not see it");
	check(mprotect(p, 11 * PAGE, PROT_READ) == 0 && p[2 * PAGE] == 'X',
		"the copy stays when it becomes read-only");
	check(mprotect(p, 11 * PAGE, RW) == 0 && (p[3 * PAGE] = 'Y') == 'Y' &&
			in_file(fd, 3 * PAGE) == 'd',
		"and writable again");
	check(madvise(p, 11 * PAGE, MADV_DONTNEED) == 0 && p[2 * PAGE] == 'c',
		"MADV_DONTNEED brings the file back");
	munmap(p, 11 * PAGE);

	p = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 4 * PAGE);
	check(p[0] == 'e' && p[PAGE] == 'f', "an offset is whole pages");
	q = mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 8 * PAGE);
	check(q == p && p[0] == 'i' && p[PAGE] == 'f',
		"a part is mapped over with another");
	q = mmap(p, PAGE, RW, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0);
	check(q == p && p[0] == 0 && p[PAGE] == 'f', "or with zeros");
	munmap(p, 2 * PAGE);

	p = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	check(p != MAP_FAILED && p[0] == 'a', "a file is mapped to execute");
	munmap(p, PAGE);
}

static void shared(int fd)
{
	char *p = mmap(NULL, 11 * PAGE, RW, MAP_SHARED, fd, 0), *q;

	q = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
	check(p[PAGE] == 'b' && q[0] == 'b', "a shared mapping shows the file");
	p[PAGE] = 'Z';
	check(q[0] == 'Z', "what is written is in the other mapping");
	check(in_file(fd, PAGE) == 'Z', "and in the file");
	check(pwrite(fd, "W", 1, PAGE + 1) == 1 && p[PAGE + 1] == 'W',
		"what is written to the file is in the mapping");
	check(msync(p, 11 * PAGE, MS_SYNC) == 0 &&
			msync(p, 11 * PAGE, MS_ASYNC) == 0,
		"msync");
	fails(msync(p, PAGE, MS_SYNC | MS_ASYNC), EINVAL,
		"msync both ways: EINVAL");
	fails(msync(p + 1, PAGE, MS_SYNC), EINVAL,
		"msync inside a page: EINVAL");
	close(fd);
	check(p[PAGE] == 'Z' && p[9 * PAGE] == 'j',
		"the mapping outlives the descriptor");
	p = mremap(p, 11 * PAGE, 2 * PAGE, 0);
	p = mremap(p, 2 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
	check(p != MAP_FAILED && p[PAGE] == 'Z' && p[7 * PAGE + 9] == 'h',
		"mremap shows more of the file");
	munmap(p, 8 * PAGE);
	munmap(q, PAGE);
}

static void growing(void)
{
	int fd = open(name, O_RDWR);
	char *p = mmap(NULL, 16 * PAGE, RW, MAP_SHARED, fd, 0);

	check(ftruncate(fd, 14 * PAGE) == 0, "the file grows");
	check(p[12 * PAGE] == 0, "its new part is zero in the mapping");
	p[13 * PAGE] = 'N';
	check(in_file(fd, 13 * PAGE) == 'N', "and can be written there");
	check(ftruncate(fd, PAGE) == 0 && ftruncate(fd, 14 * PAGE) == 0,
		"the file shrinks and grows");
	check(p[0] == 'a' && p[13 * PAGE] == 0 && p[PAGE] == 0,
		"what was cut off is zero now");
	check(unlink(name) == 0 && (p[0] = 'u') == 'u' && in_file(fd, 0) == 'u',
		"a mapped file can lose its name");
	munmap(p, 16 * PAGE);
	close(fd);
}

static void refusals(int fd)
{
	int rd = open(name, O_RDONLY), wr = open(name, O_WRONLY);
	int dir = open("/tmp", O_RDONLY | O_DIRECTORY), fds[2];

	fails((long)mmap(NULL, PAGE, RW, MAP_SHARED, rd, 0), EACCES,
		"shared and writable of a read-only file: EACCES");
	fails((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, wr, 0), EACCES,
		"a write-only file: EACCES");
	check(mmap(NULL, PAGE, RW, MAP_PRIVATE, rd, 0) != MAP_FAILED,
		"private and writable of a read-only file is fine");
	fails((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 100), EINVAL,
		"an offset inside a page: EINVAL");
	fails((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, dir, 0), ENODEV,
		"a directory: ENODEV");
	fails((long)mmap(NULL, PAGE, RW, MAP_SHARED_VALIDATE | MAP_SYNC, fd, 0),
		EOPNOTSUPP, "MAP_SYNC: EOPNOTSUPP");
	check(mmap(NULL, PAGE, RW, MAP_SHARED_VALIDATE, fd, 0) != MAP_FAILED,
		"MAP_SHARED_VALIDATE alone is as MAP_SHARED");
	if (pipe(fds) == 0)
		fails((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fds[0], 0),
			ENODEV, "a pipe: ENODEV");
	else
		check(errno == ENOSYS, "a pipe: ENODEV");
	close(rd);
	close(wr);
	close(dir);
}

/* The kernel copies from and to memory that is not there yet. */
static void by_system_calls(int fd)
{
	int out = open(name, O_RDWR);
	char *p = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
	char *q = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(pwrite(out, p + 2 * PAGE - 10, 20, 5 * PAGE) == 20 &&
			in_file(fd, 5 * PAGE + 9) == 'b' &&
			in_file(fd, 5 * PAGE + 10) == 'c',
		"write from a mapping that was not touched");
	check(pread(out, q + PAGE - 5, 10, 5 * PAGE + 5) == 10 &&
			q[PAGE - 1] == 'b' && q[PAGE] == 'c',
		"read to memory that was not touched");
	check(pread(out, p + 3 * PAGE - 5, 10, 0) == 10 &&
			p[3 * PAGE - 1] == 'a' && in_file(fd, 3 * PAGE) == 'd',
		"read to a private mapping makes a copy");
	munmap(p, 4 * PAGE);
	p = mmap(NULL, 8 * PAGE, RW, MAP_SHARED, out, 0);
	check(pread(out, p + 7 * PAGE - 5, 10, 6 * PAGE) == 10 &&
			p[7 * PAGE - 1] == 'g' && in_file(fd, 7 * PAGE) == 'g',
		"read of a file to a shared mapping of itself");
	check(pwrite(out, p + 3 * PAGE, PAGE, 6 * PAGE) == PAGE &&
			p[6 * PAGE] == 'd' && in_file(fd, 7 * PAGE - 1) == 'd',
		"write of a file from a shared mapping of itself");
	munmap(p, 8 * PAGE);
	munmap(q, 4 * PAGE);
	close(out);
}

int main(void)
{
	int fd = make_file();

	if (fd < 0) {
		printf("Bail out! no file in /tmp\n");
		return 1;
	}
	private(fd);
	refusals(fd);
	by_system_calls(fd);
	shared(fd);
	growing();
	return mem_done();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Memory is what files are made of here: it ends, honestly, and comes back. */
/* guest: only here */
/* guest: memory 16M */
#include "file-tap.h"

#include <sys/mman.h>
#include <sys/statfs.h>

static char block[65536];

/* Writes until it is full; the bytes written. */
static long fill(const char *path, int *error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	long n, total = 0;

	if (fd < 0) {
		*error = errno;
		return 0;
	}
	while ((n = write(fd, block, sizeof(block))) > 0)
		total += n;
	*error = n ? errno : 0;
	close(fd);
	return total;
}

static int same(const char *path, long size)
{
	static char buf[65536];
	int fd = open(path, O_RDONLY);
	long n, total = 0;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		if (memcmp(buf, block, n))
			return 0;
		total += n;
	}
	close(fd);
	return total == size;
}

int main(void)
{
	struct statfs s;
	long first = 0, size;
	int error, fd, made = 0, sum = 0;
	char name[32], *p;

	memset(block, 'x', sizeof(block));
	tap_enter("file-full");
	for (int round = 0; round < 5; round++) {
		size = fill("big", &error);
		if (!round)
			first = size;
		CHECK(error == ENOSPC);
		CHECK(size > 8 << 20 && size > first - (256 << 10));
		CHECK(same("big", size));
		CHECK(statfs(".", &s) == 0 && s.f_bfree < s.f_blocks / 8);
		CHECK(unlink("big") == 0);
	}
	CHECK(statfs(".", &s) == 0 && s.f_bfree > s.f_blocks / 2);
	/* Names are memory too. */
	for (;; made++) {
		sprintf(name, "name-%d", made);
		fd = open(name, O_CREAT | O_RDWR, 0600);
		if (fd < 0)
			break;
		close(fd);
	}
	CHECK(errno == ENOSPC || errno == ENOMEM);
	CHECK(made > 10000);
	while (made--) {
		sprintf(name, "name-%d", made);
		if (unlink(name))
			CHECK(!"a name cannot be removed");
	}
	/* A shared mapping of a file that is larger than memory: reading
	 * holes costs what can be given back. */
	fd = open("sparse", O_RDWR | O_CREAT, 0600);
	CHECK(ftruncate(fd, 64 << 20) == 0);
	p = mmap(NULL, 64 << 20, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	for (long round = 0; round < 2; round++) {
		for (long i = 0; i < 64 << 20; i += 4096)
			sum += p[i];
	}
	CHECK(sum == 0);
	CHECK(fallocate(fd, 0, 0, 64 << 20) == -1 && errno == ENOSPC);
	CHECK(unlink("sparse") == 0);
	CHECK(malloc(4 << 20) != NULL);
	return tap_done();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A shared mapping of a file that is larger than the machine's memory. */
/* guest: volume */
/* guest: memory 16M */
#include "file-tap.h"

#include <sys/mman.h>

enum { SIZE = 40 << 20, STEP = 4096 };

static char mark(long at)
{
	return (char)(at / STEP * 7 + 1);
}

int main(void)
{
	long good = 0;
	char *p, c;
	int fd;

	tap_enter("volume-map");
	fd = OPEN(open("f", O_RDWR | O_CREAT, 0600));
	CALL(ftruncate(fd, SIZE));
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	for (long i = 0; i < SIZE; i += STEP)
		memset(p + i + 5, mark(i), 100);
	for (long i = 0; i < SIZE; i += STEP)
		good += p[i + 50] == mark(i) && !p[i];
	CHECK(good == SIZE / STEP);
	good = 0;
	for (long i = 0; i < SIZE; i += 16L * STEP)
		good += pread(fd, &c, 1, i + 104) == 1 && c == mark(i);
	CHECK(good == SIZE / STEP / 16);
	CALL(msync(p, SIZE, MS_SYNC));
	CALL(munmap(p, SIZE));
	CALL(close(fd));
	return tap_done();
}

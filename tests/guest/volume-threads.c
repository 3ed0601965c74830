/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that use files of a volume at the same time. */
/* guest: volume */
/* guest: cflags -pthread */
#include "file-tap.h"

#include <pthread.h>

enum { THREADS = 6, ROUNDS = 60, BLOCK = 20000 };

static int shared;

static void fill(char *p, int who, int round)
{
	for (int i = 0; i < BLOCK; i++)
		p[i] = (char)(who * 37 + round * 11 + i);
}

/* One file for all, a part for each; and one of its own that comes and goes. */
static void *work(void *arg)
{
	int who = (int)(long)arg;
	static char out[THREADS][BLOCK], in[THREADS][BLOCK];
	char name[32], other[32];
	long good = 0;

	sprintf(name, "own-%d", who);
	sprintf(other, "other-%d", who);
	for (int round = 0; round < ROUNDS; round++) {
		off_t at = (off_t)who * BLOCK;
		struct stat st;
		int fd;

		fill(out[who], who, round);
		good += pwrite(shared, out[who], BLOCK, at) == BLOCK;
		fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
		good += write(fd, out[who], 1000 + who) == 1000 + who;
		good += fsync(fd) == 0;
		good += rename(name, other) == 0;
		good += stat(other, &st) == 0 && st.st_size == 1000 + who;
		good += unlink(other) == 0;
		good += pread(fd, in[who], 1000, 0) == 1000 &&
			!memcmp(in[who], out[who], 1000);
		good += close(fd) == 0;
		good += pread(shared, in[who], BLOCK, at) == BLOCK &&
			!memcmp(in[who], out[who], BLOCK);
	}
	return (void *)good;
}

int main(void)
{
	pthread_t t[THREADS];
	struct stat st;

	tap_enter("volume-threads");
	shared = OPEN(open("shared", O_RDWR | O_CREAT, 0600));
	for (long i = 0; i < THREADS; i++)
		CHECK(pthread_create(&t[i], NULL, work, (void *)i) == 0);
	for (int i = 0; i < THREADS; i++) {
		void *good;

		CHECK(pthread_join(t[i], &good) == 0);
		CHECK((long)good == 9L * ROUNDS);
	}
	CALL(fstat(shared, &st));
	CALL(st.st_size);
	return tap_done();
}

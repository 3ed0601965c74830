/* SPDX-License-Identifier: Apache-2.0 */
/* Threads touch the same pages of files for the first time together, while
 * another one maps, unmaps and truncates; and they use files together. */
#include "file-tap.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>

enum { THREADS = 4, PAGES = 64, PAGE = 4096, ROUNDS = 20 };

static char *map;
static pthread_barrier_t barrier;
static volatile int stop;
static int fd;

/* Each writes a byte of its own in every page: none may be lost. */
static void *write_own(void *arg)
{
	intptr_t me = (intptr_t)arg;
	long bad = 0;

	for (int round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&barrier);
		for (int i = 0; i < PAGES; i++) {
			char *p = map + i * PAGE;

			bad += p[100] != (char)i;
			p[me] = (char)(me + 1);
		}
		pthread_barrier_wait(&barrier);
		for (int i = 0; i < PAGES; i++)
			for (int t = 0; t < THREADS; t++)
				bad += map[i * PAGE + t] != (char)(t + 1);
		pthread_barrier_wait(&barrier);
	}
	return (void *)bad;
}

/* Meanwhile the tree of mappings changes all the time. */
static void *disturb(void *arg)
{
	while (!stop) {
		char *p = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		p[5 * PAGE] = 1;
		mprotect(p + 4 * PAGE, PAGE, PROT_READ);
		munmap(p, 8 * PAGE);
		munmap(p + 8 * PAGE, 8 * PAGE);
		sched_yield();
	}
	return arg;
}

/* A file of their own each, one that all append to, names in one folder. */
static void *use_files(void *arg)
{
	intptr_t me = (intptr_t)arg;
	char name[32], text[64], back[64];
	long bad = 0;

	for (int i = 0; i < 30; i++) {
		int own, n;

		snprintf(name, sizeof(name), "file-%d-%d", (int)me, i);
		n = snprintf(text, sizeof(text), "%d %d\n", (int)me, i);
		own = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
		bad += write(own, text, (size_t)n) != n;
		sched_yield();
		bad += pread(own, back, sizeof(back), 0) != n ||
		       memcmp(text, back, (size_t)n) != 0;
		bad += write(fd, "x", 1) != 1;
		bad += close(own) || unlink(name);
	}
	return (void *)bad;
}

static int pipes[2];

static void *send_numbers(void *arg)
{
	for (uint32_t i = 0; i < 20000; i++)
		if (write(pipes[1], &i, sizeof(i)) != sizeof(i))
			return (void *)1;
	return arg;
}

/* Into a pipe that nobody reads yet. */
static void *send_all(void *arg)
{
	long total = 0, n;

	while ((n = sendfile(pipes[1], *(int *)arg, NULL, 1 << 20)) > 0)
		total += n;
	return (void *)total;
}

/* While one thread waits for a reader another one copies. */
static void copies(void)
{
	char in_name[] = "in-XXXXXX", out_name[] = "out-XXXXXX", buf[5000];
	int in = mkstemp(in_name), out = mkstemp(out_name), n;
	off_t at = 0;
	long total = 0;
	pthread_t t;
	void *r;

	CALL(ftruncate(in, 300000));
	pthread_create(&t, NULL, send_all, &in);
	do
		ioctl(pipes[0], FIONREAD, &n);
	while (n < 16384 && !sched_yield());
	CALL(sendfile(out, in, &at, 1 << 20));
	while (total < 300000)
		total += read(pipes[0], buf, sizeof(buf));
	pthread_join(t, &r);
	CALL((long)r);
	CALL(total);
	unlink(in_name);
	unlink(out_name);
}

static long join_all(pthread_t *t, int n)
{
	long bad = 0;
	void *r;

	for (int i = 0; i < n; i++) {
		pthread_join(t[i], &r);
		bad += (long)r;
	}
	return bad;
}

static void mappings(void)
{
	char page[PAGE], name[] = "map-XXXXXX";
	pthread_t t[THREADS], other;
	int file = mkstemp(name);

	for (int i = 0; i < PAGES; i++) {
		memset(page, i, sizeof(page));
		if (write(file, page, sizeof(page)) != sizeof(page))
			exit(1);
	}
	pthread_barrier_init(&barrier, NULL, THREADS + 1);
	pthread_create(&other, NULL, disturb, NULL);
	for (intptr_t i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, write_own, (void *)i);
	for (int round = 0; round < ROUNDS; round++) {
		map = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE, file, 0);
		pthread_barrier_wait(&barrier);
		pthread_barrier_wait(&barrier);
		pthread_barrier_wait(&barrier);
		munmap(map, PAGES * PAGE);
	}
	CALL(join_all(t, THREADS));
	stop = 1;
	pthread_join(other, NULL);
	CALL(unlink(name));
}

int main(void)
{
	char name[] = "log-XXXXXX";
	pthread_t t[THREADS];
	struct stat st;
	uint32_t n;
	long bad = 0;

	mappings();
	fd = mkstemp(name);
	fcntl(fd, F_SETFL, O_APPEND);
	for (intptr_t i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, use_files, (void *)i);
	CALL(join_all(t, THREADS));
	fstat(fd, &st);
	CALL(st.st_size);
	CALL(unlink(name));
	CALL(pipe(pipes));
	pthread_create(&t[0], NULL, send_numbers, NULL);
	for (uint32_t i = 0; i < 20000; i++)
		bad += read(pipes[0], &n, sizeof(n)) != sizeof(n) || n != i;
	CALL(bad);
	CALL(join_all(t, 1));
	copies();
	return tap_done();
}

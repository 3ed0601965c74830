/* SPDX-License-Identifier: Apache-2.0 */
/* Says how many processors it has, and runs a thread on each of them, all at
 * the same time: each waits for those on the other processors. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

enum { MOST = 64 };

static atomic_int arrived;
static int count, seen[MOST];

static void *stay(void *arg)
{
	int want = (int)((int *)arg - seen);
	cpu_set_t only;

	CPU_ZERO(&only);
	CPU_SET(want, &only);
	if (sched_setaffinity(0, sizeof(only), &only) < 0)
		perror("sched_setaffinity");
	/* Nobody gives way: on fewer processors this takes time slices. */
	atomic_fetch_add(&arrived, 1);
	while (atomic_load(&arrived) < count)
		;
	seen[want] = sched_getcpu();
	return NULL;
}

int main(void)
{
	pthread_t thread[MOST];
	cpu_set_t all;

	if (sched_getaffinity(0, sizeof(all), &all) < 0)
		return 1;
	count = CPU_COUNT(&all);
	printf("%d processors, %ld online\n", count,
		sysconf(_SC_NPROCESSORS_ONLN));
	for (int i = 0; i < count && i < MOST; i++)
		if (pthread_create(&thread[i], NULL, stay, &seen[i]) != 0)
			return 1;
	for (int i = 0; i < count && i < MOST; i++) {
		pthread_join(thread[i], NULL);
		printf("a thread on %d\n", seen[i]);
	}
	return 0;
}

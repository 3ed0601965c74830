/* SPDX-License-Identifier: Apache-2.0 */
/* guest: status 3 */
/* The first thread ends before the others; the last one's exit counts. */
#include "file-tap.h"

#include <pthread.h>
#include <sched.h>

static pthread_t first;

static void *last(void *arg)
{
	pthread_join(first, NULL);
	for (int i = 0; i < 20; i++)
		sched_yield();
	puts("the first has ended");
	fflush(stdout);
	exit(3);
	return arg;
}

int main(void)
{
	pthread_t t;

	first = pthread_self();
	pthread_create(&t, NULL, last, NULL);
	pthread_exit(NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* guest: status 9 */
/* All threads end by the call exit: the status of the last one counts. */
#include "file-tap.h"

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

static void *other(void *arg)
{
	for (int i = 0; i < 20; i++)
		sched_yield();
	puts("another thread ends");
	fflush(stdout);
	syscall(SYS_exit, 9);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, other, NULL);
	syscall(SYS_exit, 7);
	return 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* guest: status 5 */
/* One thread ends the process, whatever the others do. */
#include "file-tap.h"

#include <pthread.h>
#include <semaphore.h>

static sem_t ready;

static void *wait_ever(void *arg)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t c = PTHREAD_COND_INITIALIZER;

	sem_post(&ready);
	pthread_mutex_lock(&m);
	for (;;)
		pthread_cond_wait(&c, &m);
	return arg;
}

static void *spin(void *arg)
{
	volatile int forever = 1;

	sem_post(&ready);
	while (forever)
		;
	return arg;
}

static void *end(void *arg)
{
	for (int i = 0; i < 4; i++)
		sem_wait(&ready);
	puts("the end");
	fflush(stdout);
	_exit(5);
	return arg;
}

int main(void)
{
	pthread_t t;

	for (int i = 0; i < 2; i++) {
		pthread_create(&t, NULL, wait_ever, NULL);
		pthread_create(&t, NULL, spin, NULL);
	}
	pthread_create(&t, NULL, end, NULL);
	pthread_join(t, NULL);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Threads: making, joining, detaching, storage of their own, many of them. */
#include "file-tap.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>

enum { MANY = 1000, ROUNDS = 3000 };

static __thread int own = 7;
static __thread char own_zero[3000];
static pthread_key_t key;
static int destroyed;
static sem_t done;

static void *give_back(void *arg)
{
	return arg;
}

static void *storage(void *arg)
{
	int *before = arg;

	*before = own;
	own = 8;
	for (size_t i = 0; i < sizeof(own_zero); i++)
		*before += own_zero[i];
	own_zero[0] = 1;
	pthread_setspecific(key, before);
	return NULL;
}

static void destroy(void *value)
{
	destroyed += value != NULL;
}

static void *post(void *arg)
{
	sem_post(&done);
	return arg;
}

static pid_t tids[MANY];
static pthread_barrier_t barrier;

static void *keep_tid(void *arg)
{
	tids[(intptr_t)arg] = gettid();
	pthread_barrier_wait(&barrier);
	return arg;
}

static int deep(int n)
{
	volatile char room[256];

	room[0] = (char)n;
	return n ? deep(n - 1) + room[0] - (char)n : 0;
}

static void *use_stack(void *arg)
{
	return (void *)(intptr_t)deep((int)(intptr_t)arg);
}

static void *exits(void *arg)
{
	pthread_exit(arg);
}

static int count_once;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void do_once(void)
{
	count_once++;
}

static void *call_once(void *arg)
{
	pthread_once(&once, do_once);
	return arg;
}

static void *named(void *arg)
{
	char name[16] = "";

	prctl(PR_SET_NAME, "worker");
	prctl(PR_GET_NAME, name);
	return (void *)(intptr_t)!strcmp(name, "worker");
}

static void many(void)
{
	static pthread_t t[MANY];
	int created = 0, joined = 0, same = 0;

	pthread_barrier_init(&barrier, NULL, MANY + 1);
	for (intptr_t i = 0; i < MANY; i++)
		created += !pthread_create(&t[i], NULL, keep_tid, (void *)i);
	CALL(created);
	if (created < MANY)
		exit(1);
	pthread_barrier_wait(&barrier);
	for (intptr_t i = 0; i < MANY; i++) {
		void *r;

		joined += !pthread_join(t[i], &r) && r == (void *)i;
		for (int j = 0; j < i; j++)
			same += tids[i] == tids[j];
	}
	CALL(joined);
	CALL(same);
}

static void again_and_again(void)
{
	pthread_t t;
	int good = 0;

	for (intptr_t i = 0; i < ROUNDS; i++) {
		void *r;

		good += !pthread_create(&t, NULL, give_back, (void *)i) &&
			!pthread_join(t, &r) && r == (void *)i;
	}
	CALL(good);
}

static void detached(void)
{
	pthread_attr_t a;
	pthread_t t;
	int good = 0;

	sem_init(&done, 0, 0);
	pthread_attr_init(&a);
	pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < 100; i++) {
		good += !pthread_create(&t, i % 2 ? &a : NULL, post, NULL);
		if (i % 2 == 0)
			pthread_detach(t);
		sem_wait(&done);
	}
	CALL(good);
}

static void stacks(void)
{
	static const size_t sizes[] = {2048, 4096, 16384, 1 << 20, 16 << 20};
	size_t size = 64 << 10;
	pthread_attr_t a;
	pthread_t t;
	char *own_stack;
	void *r;

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		pthread_attr_init(&a);
		CALL(pthread_attr_setstacksize(&a, sizes[i]));
		CALL(pthread_create(&t, &a, use_stack,
			(void *)(intptr_t)(sizes[i] / 1024)));
		CALL(pthread_join(t, &r));
		CHECK(!r);
	}
	own_stack = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_init(&a);
	CALL(pthread_attr_setstack(&a, own_stack, size));
	CALL(pthread_create(&t, &a, use_stack, (void *)100));
	CALL(pthread_join(t, &r));
	CALL(munmap(own_stack, size));
}

int main(void)
{
	pthread_t t[10];
	int before[2] = {0};
	void *r;

	CALL(getpid() == gettid());
	CALL(pthread_create(&t[0], NULL, give_back, (void *)42));
	CALL(pthread_join(t[0], &r));
	CALL((long)r);
	CALL(pthread_create(&t[0], NULL, exits, (void *)43));
	CALL(pthread_join(t[0], &r));
	CALL((long)r);
	pthread_key_create(&key, destroy);
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, storage, &before[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	CHECK(before[0] == 7 && before[1] == 7 && own == 7 && !own_zero[0]);
	CALL(destroyed);
	for (int i = 0; i < 10; i++)
		pthread_create(&t[i], NULL, call_once, NULL);
	for (int i = 0; i < 10; i++)
		pthread_join(t[i], NULL);
	CALL(count_once);
	pthread_create(&t[0], NULL, named, NULL);
	pthread_join(t[0], &r);
	CHECK(r);
	detached();
	stacks();
	many();
	again_and_again();
	return tap_done();
}

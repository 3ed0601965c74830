/* SPDX-License-Identifier: Apache-2.0 */
/* Mutexes, condition variables, locks for readers, semaphores, barriers. */
#include "file-tap.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdint.h>
#include <time.h>

enum { THREADS = 8, TURNS = 2000, SHORT_NS = 20000000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static long count;

static struct timespec after(clockid_t clock, long ns)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_nsec += ns;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/* What fn says in a thread of its own. */
static long in_thread(void *(*fn)(void *), void *arg)
{
	pthread_t t;
	void *r = (void *)-1L;

	if (!pthread_create(&t, NULL, fn, arg))
		pthread_join(t, &r);
	return (long)r;
}

static void *add(void *arg)
{
	for (int i = 0; i < TURNS; i++) {
		pthread_mutex_lock(&lock);
		long was = count;

		if (i % 16 == 0)
			sched_yield();
		count = was + 1;
		pthread_mutex_unlock(&lock);
	}
	return arg;
}

static void *lock_it(void *m)
{
	return (void *)(long)pthread_mutex_lock(m);
}

static void *try_it(void *m)
{
	return (void *)(long)pthread_mutex_trylock(m);
}

static void *unlock_it(void *m)
{
	return (void *)(long)pthread_mutex_unlock(m);
}

static void *time_it(void *m)
{
	struct timespec t = after(CLOCK_REALTIME, SHORT_NS);

	return (void *)(long)pthread_mutex_timedlock(m, &t);
}

static void mutexes(void)
{
	pthread_mutexattr_t a;
	pthread_mutex_t m;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&m, &a);
	CALL(pthread_mutex_lock(&m));
	CALL(pthread_mutex_lock(&m));
	CALL(in_thread(unlock_it, &m));
	CALL(in_thread(try_it, &m));
	CALL(in_thread(time_it, &m));
	CALL(pthread_mutex_unlock(&m));
	CALL(pthread_mutex_unlock(&m));
	pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&m, &a);
	CALL(pthread_mutex_lock(&m));
	CALL(pthread_mutex_lock(&m));
	CALL(in_thread(try_it, &m));
	CALL(pthread_mutex_unlock(&m));
	CALL(in_thread(try_it, &m));
	CALL(pthread_mutex_unlock(&m));
	CALL(in_thread(try_it, &m));
}

static pthread_mutex_t robust;
static sem_t waits;

static void *wait_robust(void *arg)
{
	(void)arg;
	sem_post(&waits);
	long r = pthread_mutex_lock(&robust);

	if (r == EOWNERDEAD)
		pthread_mutex_consistent(&robust);
	pthread_mutex_unlock(&robust);
	return (void *)r;
}

static void *die_with_it(void *arg)
{
	pthread_t *t = arg;

	pthread_mutex_lock(&robust);
	pthread_create(t, NULL, wait_robust, NULL);
	sem_wait(&waits);
	for (int i = 0; i < 50; i++)
		sched_yield();
	return NULL;
}

static void robust_mutex(void)
{
	pthread_mutexattr_t a;
	pthread_t t;
	void *r;

	sem_init(&waits, 0, 0);
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&robust, &a);
	in_thread(die_with_it, &t);
	CALL(pthread_join(t, &r));
	CALL((long)r == EOWNERDEAD);
	CALL(pthread_mutex_lock(&robust));
	CALL(pthread_mutex_unlock(&robust));
	CALL(in_thread(lock_it, &robust));
	CALL(pthread_mutex_lock(&robust) == EOWNERDEAD);
	CALL(pthread_mutex_unlock(&robust));
	CALL(pthread_mutex_lock(&robust) == ENOTRECOVERABLE);
}

static int turn;

static void *take_turns(void *arg)
{
	int me = (int)(intptr_t)arg;

	for (int i = 0; i < 200; i++) {
		pthread_mutex_lock(&lock);
		while (turn != me)
			pthread_cond_wait(&cond, &lock);
		turn = (turn + 1) % THREADS;
		count++;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static void conditions(void)
{
	struct timespec t = after(CLOCK_REALTIME, SHORT_NS), now;
	pthread_t thread[THREADS];
	pthread_condattr_t a;
	pthread_cond_t c;

	pthread_mutex_lock(&lock);
	CALL(pthread_cond_timedwait(&cond, &lock, &t));
	clock_gettime(CLOCK_REALTIME, &now);
	CHECK(now.tv_sec > t.tv_sec ||
		(now.tv_sec == t.tv_sec && now.tv_nsec >= t.tv_nsec));
	pthread_condattr_init(&a);
	CALL(pthread_condattr_setclock(&a, CLOCK_MONOTONIC));
	pthread_cond_init(&c, &a);
	t = after(CLOCK_MONOTONIC, SHORT_NS);
	CALL(pthread_cond_timedwait(&c, &lock, &t));
	clock_gettime(CLOCK_MONOTONIC, &now);
	CHECK(now.tv_sec > t.tv_sec ||
		(now.tv_sec == t.tv_sec && now.tv_nsec >= t.tv_nsec));
	t.tv_sec -= 5;
	CALL(pthread_cond_timedwait(&c, &lock, &t));
	pthread_mutex_unlock(&lock);
	count = 0;
	for (intptr_t i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, take_turns, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	CALL(count);
}

static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static int value[2];

static void *read_and_write(void *arg)
{
	long bad = 0;

	for (int i = 0; i < TURNS; i++) {
		if (i % 8 == 0) {
			pthread_rwlock_wrlock(&rw);
			value[0]++;
			sched_yield();
			value[1]++;
			pthread_rwlock_unlock(&rw);
		} else {
			pthread_rwlock_rdlock(&rw);
			bad += value[0] != value[1];
			pthread_rwlock_unlock(&rw);
		}
	}
	(void)arg;
	return (void *)bad;
}

static void *try_write(void *arg)
{
	struct timespec t = after(CLOCK_REALTIME, SHORT_NS);

	(void)arg;
	return (void *)(long)pthread_rwlock_timedwrlock(&rw, &t);
}

static void readers(void)
{
	pthread_t t[THREADS];
	long bad = 0;
	void *r;

	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, read_and_write, NULL);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(t[i], &r);
		bad += (long)r;
	}
	CALL(bad);
	CALL(value[0]);
	pthread_rwlock_rdlock(&rw);
	CALL(in_thread(try_write, NULL));
	pthread_rwlock_unlock(&rw);
}

static sem_t items, room;
static pthread_barrier_t barrier;
static int leaders;

static void *produce(void *arg)
{
	for (int i = 0; i < TURNS; i++) {
		sem_wait(&room);
		sem_post(&items);
	}
	return arg;
}

static void *meet(void *arg)
{
	for (int i = 0; i < 100; i++)
		if (pthread_barrier_wait(&barrier) ==
			PTHREAD_BARRIER_SERIAL_THREAD)
			__atomic_fetch_add(&leaders, 1, __ATOMIC_RELAXED);
	return arg;
}

static void semaphores(void)
{
	struct timespec past = {0}, t = after(CLOCK_REALTIME, SHORT_NS);
	pthread_t thread[THREADS];
	int n;

	sem_init(&items, 0, 0);
	sem_init(&room, 0, 3);
	for (int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, produce, NULL);
	for (int i = 0; i < 2 * TURNS; i++) {
		sem_wait(&items);
		sem_post(&room);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	sem_getvalue(&items, &n);
	CALL(n);
	CALL(sem_trywait(&items));
	CALL(sem_timedwait(&items, &t));
	CALL(sem_timedwait(&items, &past));
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, meet, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	CALL(leaders);
}

int main(void)
{
	pthread_t t[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, add, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	CALL(count);
	mutexes();
	robust_mutex();
	conditions();
	readers();
	semaphores();
	return tap_done();
}

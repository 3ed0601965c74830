/* SPDX-License-Identifier: Apache-2.0 */
/* Threads, time and signals as keel's files see them on the host: one thread,
 * and nobody who wakes it. */
#include "keel-fs-fake.h"

#include <errno.h>

#include "kern/log.h"
#include "kern/signal.h"
#include "kern/time.h"
#include "sched/thread.h"
#include "sched/waitq.h"

static struct thread self = {.name = "test"};
uint64_t fake_now = 1000000000;
unsigned fake_signals;

struct thread *thread_this(void)
{
	return &self;
}

uint64_t clock_now(void)
{
	return fake_now += 1000;
}

uint64_t clock_realtime(void)
{
	return 1700000000000000000 + clock_now();
}

uint64_t spin_lock(struct spinlock *l)
{
	if (l->locked++)
		panic("a lock is taken twice");
	return 0;
}

void spin_unlock(struct spinlock *l, uint64_t irq)
{
	(void)irq;
	l->locked--;
}

void mutex_lock(struct mutex *m)
{
	if (m->owner)
		panic("a mutex is taken twice");
	m->owner = &self;
}

void mutex_unlock(struct mutex *m)
{
	m->owner = NULL;
}

void waitq_prepare_for(struct waitq *q, struct waitq_entry *e, uint32_t events)
{
	(void)events;
	(void)q;
	e->next = e;
}

void waitq_remove(struct waitq *q, struct waitq_entry *e)
{
	(void)q;
	e->next = NULL;
}

/* Nobody else runs: nothing will happen but time. */
int waitq_sleep(uint64_t deadline)
{
	if (deadline == NEVER)
		return -EINTR;
	fake_now = deadline > fake_now ? deadline : fake_now;
	return -ETIMEDOUT;
}

int waitq_sleep_ever(void)
{
	return -EINTR;
}

void waitq_wake_for(struct waitq *q, uint32_t events)
{
	(void)q;
	(void)events;
}

void signal_send_process(int sig)
{
	(void)sig;
	fake_signals++;
}

void signal_send_self(int sig)
{
	signal_send_process(sig);
}

int signal_mask_set(long umask, long size)
{
	(void)umask;
	(void)size;
	return 0;
}

void signal_mask_restore(bool interrupted)
{
	(void)interrupted;
}

long signal_restart_with(long (*fn)(uint64_t a, uint64_t b, uint64_t c),
	uint64_t a, uint64_t b, uint64_t c)
{
	(void)fn;
	(void)a;
	(void)b;
	(void)c;
	return -ERESTART_BLOCK;
}

bool signal_pending(void)
{
	return false;
}

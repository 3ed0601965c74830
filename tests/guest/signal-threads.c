/* SPDX-License-Identifier: Apache-2.0 */
/* Signals and threads: masks, who gets them, waits that they end. */
/* guest: status 0 */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "file-tap.h"

enum { NTHREADS = 8, NSIGNALS = 50 };

static __thread int mine;
static volatile int who, handled[NTHREADS + 1];
static sem_t ready, go, done;
static int in, out;

static void note(int sig)
{
	(void)sig;
	who = mine;
	handled[mine]++;
}

static void set(int sig, void (*fn)(int), int flags)
{
	struct sigaction a = {.sa_handler = fn, .sa_flags = flags};

	sigaction(sig, &a, NULL);
}

static void block(int how, int sig)
{
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, sig);
	pthread_sigmask(how, &s, NULL);
}

static int is_blocked(int sig)
{
	sigset_t s;

	pthread_sigmask(SIG_BLOCK, NULL, &s);
	return sigismember(&s, sig);
}

/* --- masks are of threads, and inherited ----------------------------------*/

static volatile int inherited, not_inherited;

static void *look(void *arg)
{
	sigset_t waiting;

	inherited = is_blocked(SIGUSR2);
	sigpending(&waiting);
	not_inherited = sigismember(&waiting, SIGUSR2);
	block(SIG_BLOCK, SIGHUP);
	return arg;
}

static void masks(void)
{
	pthread_t t;
	sigset_t s;

	block(SIG_BLOCK, SIGUSR2);
	pthread_kill(pthread_self(), SIGUSR2);
	pthread_create(&t, NULL, look, NULL);
	pthread_join(t, NULL);
	CHECK(inherited == 1 && not_inherited == 0);
	CHECK(!is_blocked(SIGHUP));
	sigpending(&s);
	CHECK(sigismember(&s, SIGUSR2));
	sigemptyset(&s);
	sigaddset(&s, SIGUSR2);
	CHECK(sigwaitinfo(&s, NULL) == SIGUSR2);
	block(SIG_UNBLOCK, SIGUSR2);
}

/* --- to one thread --------------------------------------------------------*/

static volatile long read_result;
static volatile int read_errno;

static void *reads(void *arg)
{
	char c;

	mine = (int)(intptr_t)arg;
	sem_post(&ready);
	read_result = read(in, &c, 1);
	read_errno = errno;
	sem_post(&done);
	sem_wait(&go);
	return NULL;
}

static void to_one(void)
{
	struct timespec tick = {0, 2000000};
	pthread_t t[3];

	set(SIGUSR1, note, 0);
	memset((void *)handled, 0, sizeof(handled));
	for (int i = 0; i < 3; i++) {
		pthread_create(&t[i], NULL, reads, (void *)(intptr_t)(i + 1));
		sem_wait(&ready);
	}
	/* Only the second ends its read; again, since it may not wait yet. */
	while (sem_trywait(&done)) {
		pthread_kill(t[1], SIGUSR1);
		nanosleep(&tick, NULL);
	}
	CHECK(read_result == -1 && read_errno == EINTR);
	CHECK(handled[2] >= 1 && !handled[1] && !handled[3] && !handled[0]);
	CHECK(write(out, "ab", 2) == 2);
	sem_wait(&done);
	sem_wait(&done);
	CHECK(read_result == 1);
	for (int i = 0; i < 3; i++)
		sem_post(&go);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	/* A program's thread that has ended is no thread any more. */
	CALL(syscall(SYS_tgkill, getpid(), 0x3ffffff, SIGUSR1));
}

/* --- to the process: to one that does not block it ------------------------*/

static void *waits(void *arg)
{
	mine = (int)(intptr_t)arg;
	if (mine == 4)
		block(SIG_UNBLOCK, SIGUSR1);
	sem_post(&ready);
	sem_wait(&go);
	return NULL;
}

static void to_the_process(void)
{
	struct timespec tick = {0, 1000000};
	pthread_t t[NTHREADS];
	int good = 1;

	set(SIGUSR1, note, SA_RESTART);
	block(SIG_BLOCK, SIGUSR1);
	memset((void *)handled, 0, sizeof(handled));
	for (int i = 0; i < NTHREADS; i++) {
		pthread_create(&t[i], NULL, waits, (void *)(intptr_t)(i + 1));
		sem_wait(&ready);
	}
	for (int i = 0; i < 20; i++) {
		int before = handled[4];

		kill(getpid(), SIGUSR1);
		while (handled[4] == before)
			nanosleep(&tick, NULL);
	}
	for (int i = 0; i <= NTHREADS; i++)
		good &= handled[i] == (i == 4 ? 20 : 0);
	CHECK(good);
	for (int i = 0; i < NTHREADS; i++)
		sem_post(&go);
	for (int i = 0; i < NTHREADS; i++)
		pthread_join(t[i], NULL);
	/* Nobody takes it now: it waits for the first who does not block. */
	kill(getpid(), SIGUSR1);
	CHECK(handled[0] == 0);
	block(SIG_UNBLOCK, SIGUSR1);
	CHECK(handled[0] == 1);
}

/* --- a thread for signals, as servers have it -----------------------------*/

static volatile int sum, last_value;

static void *serves(void *arg)
{
	sigset_t s;
	siginfo_t i;

	(void)arg;
	sigfillset(&s);
	for (;;) {
		if (sigwaitinfo(&s, &i) == SIGTERM)
			break;
		sum++;
		if (i.si_value.sival_int != last_value + 1)
			sum = -1000;
		last_value = i.si_value.sival_int;
	}
	return NULL;
}

static void server(void)
{
	sigset_t all, before;
	pthread_t t;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_create(&t, NULL, serves, NULL);
	for (int i = 1; i <= NSIGNALS; i++)
		while (sigqueue(
			getpid(), SIGRTMIN + 4, (union sigval){.sival_int = i}))
			sched_yield();
	while (sum >= 0 && sum < NSIGNALS)
		sched_yield();
	kill(getpid(), SIGTERM);
	pthread_join(t, NULL);
	CHECK(sum == NSIGNALS);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* --- faults are the thread's own ------------------------------------------*/

static __thread sigjmp_buf jump;
static __thread char alt_stack[16384];
static __thread int on_alt;

static void fault(int sig)
{
	char here;

	(void)sig;
	on_alt = &here > alt_stack && &here < alt_stack + sizeof(alt_stack);
	siglongjmp(jump, 1);
}

static void *faults(void *arg)
{
	stack_t s = {.ss_sp = alt_stack, .ss_size = sizeof(alt_stack)};
	long n = 0;

	(void)arg;
	sigaltstack(&s, NULL);
	for (int i = 0; i < 50; i++) {
		if (!sigsetjmp(jump, 1))
			*(volatile int *)8 = i;
		n += on_alt;
		if (i % 8 == 0)
			sched_yield();
	}
	return (void *)n;
}

static void own_faults(void)
{
	pthread_t t[4];
	void *n;
	long total = 0;

	set(SIGSEGV, fault, SA_ONSTACK);
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, faults, NULL);
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], &n);
		total += (long)n;
	}
	CHECK(total == 200);
	set(SIGSEGV, SIG_DFL, 0);
}

/* --- timers for threads ---------------------------------------------------*/

static volatile int fired, fired_in_thread;

static void on_timer(union sigval v)
{
	fired_in_thread =
		!pthread_equal(pthread_self(), *(pthread_t *)v.sival_ptr);
	fired++;
}

static void thread_timers(void)
{
	pthread_t self = pthread_self();
	struct sigevent e = {.sigev_notify = SIGEV_THREAD,
		.sigev_notify_function = on_timer,
		.sigev_value.sival_ptr = &self};
	struct itimerspec t = {{0, 2000000}, {0, 2000000}};
	struct timespec tick = {0, 1000000};
	timer_t id;

	CHECK(!timer_create(CLOCK_MONOTONIC, &e, &id));
	CHECK(!timer_settime(id, 0, &t, NULL));
	while (fired < 3)
		nanosleep(&tick, NULL);
	CHECK(fired_in_thread == 1);
	CHECK(!timer_delete(id));
}

/* --- many signals while many threads work ---------------------------------*/

static volatile int stop;

static void *works(void *arg)
{
	double x = 1;
	long n = 0;

	(void)arg;
	sem_post(&ready);
	while (!stop) {
		double y = 1;

		for (int i = 1; i < 500; i++)
			y = y * 1.0001 + i;
		if (x != 1 && x != y)
			n++; /* a register was lost */
		x = y;
	}
	return (void *)n;
}

static void storm(void)
{
	struct itimerval tick = {{0, 1000}, {0, 1000}}, off = {{0, 0}, {0, 0}};
	struct timespec pause = {0, 1000000};
	pthread_t t[4];
	void *n;
	long bad = 0;

	set(SIGALRM, note, SA_RESTART);
	set(SIGUSR1, note, SA_RESTART);
	setitimer(ITIMER_REAL, &tick, NULL);
	for (int i = 0; i < 4; i++) {
		pthread_create(&t[i], NULL, works, NULL);
		sem_wait(&ready);
	}
	for (int i = 0; i < 100; i++) {
		pthread_kill(t[i % 4], SIGUSR1);
		if (i % 10 == 0)
			nanosleep(&pause, NULL);
	}
	stop = 1;
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], &n);
		bad += (long)n;
	}
	setitimer(ITIMER_REAL, &off, NULL);
	CHECK(bad == 0);
}

int main(void)
{
	int p[2];

	setvbuf(stdout, NULL, _IONBF, 0);
	sem_init(&ready, 0, 0);
	sem_init(&go, 0, 0);
	sem_init(&done, 0, 0);
	if (pipe(p))
		return 9;
	in = p[0];
	out = p[1];
	masks();
	to_one();
	to_the_process();
	server();
	own_faults();
	thread_timers();
	storm();
	return tap_done();
}

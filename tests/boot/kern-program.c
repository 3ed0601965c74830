/* SPDX-License-Identifier: Apache-2.0 */
/* The program of kern-boot.t: argv[1] says how to end. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

#ifndef DEFAULT_WAY
#define DEFAULT_WAY ""
#endif

static volatile int zero;

static __attribute__((noinline)) void divide(void)
{
	zero = 10 / zero;
}

static __attribute__((noinline)) void illegal(void)
{
	__asm__ volatile("ud2");
}

static __attribute__((noinline)) void breakpoint(void)
{
	__asm__ volatile("int3");
}

static __attribute__((noinline)) void give_up(void)
{
	abort();
}

static void spin(void)
{
	puts("spinning");
	fflush(stdout);
	for (;;)
		zero = 0;
}

static void sleep_long(void)
{
	struct timespec t = {100, 0};

	puts("sleeping");
	fflush(stdout);
	printf("nanosleep %d %d\n", nanosleep(&t, NULL), errno);
}

static void ignore(void)
{
	struct timespec t = {0, 150000000};

	signal(SIGTERM, SIG_IGN);
	puts("ignoring");
	fflush(stdout);
	printf("nanosleep %d\n", nanosleep(&t, NULL));
}

/* Goes on as soon as the signal waits. */
static void block(void)
{
	struct timespec t = {0, 20000000};
	sigset_t s, waiting;

	sigemptyset(&s);
	sigaddset(&s, SIGTERM);
	sigprocmask(SIG_BLOCK, &s, NULL);
	puts("blocking");
	fflush(stdout);
	do
		printf("nanosleep %d\n", nanosleep(&t, NULL));
	while (!sigpending(&waiting) && !sigismember(&waiting, SIGTERM));
	fflush(stdout);
	sigprocmask(SIG_UNBLOCK, &s, NULL);
	puts("still here");
}

static void clocks(void)
{
	struct timespec t = {2, 0}, a, b;

	printf("%ld\n", (long)time(NULL));
	clock_gettime(CLOCK_MONOTONIC, &a);
	fflush(stdout);
	nanosleep(&t, NULL);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("%ld\n", (b.tv_sec - a.tv_sec) * 1000 +
				(b.tv_nsec - a.tv_nsec) / 1000000);
}

static void restart(void)
{
	puts("restarting");
	fflush(stdout);
	reboot(RB_AUTOBOOT);
}

static void power_off(void)
{
	puts("ending");
	fflush(stdout);
	reboot(RB_POWER_OFF);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*fn)(void);
	} ways[] = {{"divide", divide}, {"illegal", illegal},
		{"breakpoint", breakpoint}, {"abort", give_up}, {"spin", spin},
		{"sleep", sleep_long}, {"ignore", ignore}, {"block", block},
		{"clocks", clocks}, {"restart", restart},
		{"power-off", power_off}};
	const char *way = argc > 1 ? argv[1] : DEFAULT_WAY;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(way, ways[i].name)) {
			ways[i].fn();
			return 0;
		}
	puts("hello from the program");
	return atoi(way);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* abort ends the program also if SIGABRT is blocked, and after a handler. */
/* guest: status 134 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "file-tap.h"

static void note(int sig)
{
	CHECK(sig == SIGABRT);
	fflush(stdout);
}

static void *ends(void *arg)
{
	(void)arg;
	abort();
}

int main(void)
{
	pthread_t t;
	sigset_t all;

	signal(SIGABRT, note);
	CHECK(!raise(SIGABRT));
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	raise(SIGABRT);
	CHECK(1);
	puts("1..4");
	fflush(stdout);
	sigemptyset(&all);
	pthread_create(&t, NULL, ends, NULL);
	for (;;)
		pause();
}

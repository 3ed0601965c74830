/* SPDX-License-Identifier: Apache-2.0 */
/* Ends by signals, or in spite of them, as its argument says. */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <ucontext.h>
#include <unistd.h>

static volatile sig_atomic_t got;

static void note(int sig)
{
	got = sig;
}

static void set(int sig, void (*fn)(int), int flags)
{
	struct sigaction a = {.sa_handler = fn, .sa_flags = flags};

	sigaction(sig, &a, NULL);
}

static void again(int sig)
{
	(void)sig;
	*(volatile int *)16 = 1;
}

static void spoil_frame(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	/* A place to go on at that no program has. */
	((unsigned long *)context)[5 + 16] = 1UL << 63;
}

static void spoil_units(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)sig;
	(void)info;
	/* Reserved in the header of XSAVE. */
	((unsigned long *)uc->uc_mcontext.fpregs)[66] = 1;
}

static void by_handler(int sig)
{
	struct pollfd p = {.fd = -1};

	set(sig, note, 0);
	puts("ready");
	while (!got)
		poll(&p, 1, -1);
	printf("signal %d\n", got);
	exit(3);
}

static void by_wait(const char *how)
{
	struct signalfd_siginfo r;
	siginfo_t i;
	sigset_t s;
	int fd;

	sigemptyset(&s);
	sigaddset(&s, SIGTERM);
	sigprocmask(SIG_BLOCK, &s, NULL);
	fd = signalfd(-1, &s, 0);
	puts("ready");
	if (!strcmp(how, "fd"))
		i.si_signo = read(fd, &r, sizeof(r)) == sizeof(r)
				     ? (int)r.ssi_signo
				     : 0;
	else
		sigwaitinfo(&s, &i);
	printf("signal %d\n", i.si_signo);
	exit(4);
}

/* Works on when it is told to end, and takes more than a second. */
static void slowly(void)
{
	set(SIGTERM, note, SA_RESTART);
	set(SIGINT, note, SA_RESTART);
	puts("ready");
	while (!got)
		pause();
	sleep(2);
	sleep(1);
	puts("done");
	exit(0);
}

static void never(void)
{
	sigset_t none, hup;

	set(SIGTERM, SIG_IGN, 0);
	set(SIGHUP, note, 0);
	sigemptyset(&none);
	sigemptyset(&hup);
	sigaddset(&hup, SIGHUP);
	sigprocmask(SIG_BLOCK, &hup, NULL); /* one comes only while it waits */
	puts("ready");
	for (;;) {
		sigsuspend(&none);
		puts("on");
	}
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	struct sigaction a = {
		.sa_sigaction = spoil_frame, .sa_flags = SA_SIGINFO};

	setvbuf(stdout, NULL, _IONBF, 0);
	if (!strcmp(how, "handler"))
		by_handler(SIGTERM);
	if (!strcmp(how, "interrupt"))
		by_handler(SIGINT);
	if (!strcmp(how, "wait") || !strcmp(how, "fd"))
		by_wait(how);
	if (!strcmp(how, "slowly"))
		slowly();
	if (!strcmp(how, "never"))
		never();
	if (!strcmp(how, "blocked"))
		set(SIGSEGV, again, 0);
	if (!strcmp(how, "reset"))
		set(SIGSEGV, again, SA_RESETHAND | SA_NODEFER);
	if (!strcmp(how, "ignored"))
		set(SIGSEGV, SIG_IGN, 0);
	if (!strcmp(how, "stack")) {
		set(SIGSEGV, again, 0);
		__asm__ volatile("mov $16,%%rsp; push %%rax" : : : "memory");
	}
	if (!strcmp(how, "return") || !strcmp(how, "units")) {
		if (!strcmp(how, "units"))
			a.sa_sigaction = spoil_units;
		sigaction(SIGUSR1, &a, NULL);
		raise(SIGUSR1);
	}
	*(volatile int *)8 = 1;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers: flags, masks, what they are told, what they leave untouched. */
/* guest: status 0 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "file-tap.h"

static volatile sig_atomic_t got, count, depth, deepest;
static siginfo_t last;
static sigset_t inside;
static volatile long place;
static char order[64];

static void note(int sig)
{
	got = sig;
	count++;
	sigprocmask(SIG_BLOCK, NULL, &inside);
}

static void note_info(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;

	note(sig);
	last = *info;
	place = uc->uc_mcontext.gregs[REG_RSP];
}

static void nested(int sig)
{
	depth++;
	if (depth > deepest)
		deepest = depth;
	if (count++ < 3)
		raise(sig);
	depth--;
}

static void in_order(int sig)
{
	size_t n = strlen(order);

	order[n] = (char)('a' + sig % 26);
}

static sigjmp_buf jump;
static void leave(int sig)
{
	siglongjmp(jump, sig);
}

static void set(int sig, void (*fn)(int), int flags)
{
	struct sigaction a = {.sa_handler = fn, .sa_flags = flags};

	sigaction(sig, &a, NULL);
}

static int blocked(int sig)
{
	sigset_t s;

	sigprocmask(SIG_BLOCK, NULL, &s);
	return sigismember(&s, sig);
}

static void masks(void)
{
	struct sigaction a = {.sa_handler = note}, old;
	sigset_t s, before, none;

	sigemptyset(&none);
	sigaddset(&a.sa_mask, SIGUSR2);
	sigaddset(&a.sa_mask, SIGKILL);
	CHECK(!sigaction(SIGUSR1, &a, NULL));
	CHECK(!sigaction(SIGUSR1, NULL, &old) && old.sa_handler == note);
	CHECK(sigismember(&old.sa_mask, SIGUSR2) == 1);
	CHECK(sigismember(&old.sa_mask, SIGKILL) == 0);
	CHECK(!raise(SIGUSR1) && got == SIGUSR1 && count == 1);
	CHECK(sigismember(&inside, SIGUSR1) == 1);
	CHECK(sigismember(&inside, SIGUSR2) == 1);
	CHECK(sigismember(&inside, SIGHUP) == 0);
	CHECK(!blocked(SIGUSR1) && !blocked(SIGUSR2));

	sigfillset(&s);
	sigprocmask(SIG_SETMASK, &s, &before);
	count = 0;
	raise(SIGUSR1);
	raise(SIGUSR1);
	CHECK(count == 0);
	CHECK(!sigpending(&s) && sigismember(&s, SIGUSR1) == 1);
	sigprocmask(SIG_SETMASK, &before, NULL);
	CHECK(count == 1); /* not queued */
	CHECK(!sigpending(&s) && sigismember(&s, SIGUSR1) == 0);
}

static void flags(void)
{
	count = depth = deepest = 0;
	set(SIGUSR1, nested, 0);
	raise(SIGUSR1);
	CHECK(deepest == 1 && count == 4);
	count = depth = deepest = 0;
	set(SIGUSR1, nested, SA_NODEFER);
	raise(SIGUSR1);
	CHECK(deepest == 4 && count == 4);

	struct sigaction old;

	set(SIGWINCH, note, SA_RESETHAND);
	count = 0;
	raise(SIGWINCH);
	raise(SIGWINCH);
	CHECK(count == 1);
	CHECK(!sigaction(SIGWINCH, NULL, &old) && old.sa_handler == SIG_DFL);
	CHECK(old.sa_flags & SA_RESETHAND);
	set(SIGCHLD, note, SA_NOCLDSTOP | SA_NOCLDWAIT);
	CHECK(!sigaction(SIGCHLD, NULL, &old) &&
		(old.sa_flags & (SA_NOCLDSTOP | SA_NOCLDWAIT)) ==
			(SA_NOCLDSTOP | SA_NOCLDWAIT));
}

static void infos(void)
{
	struct sigaction a = {
		.sa_sigaction = note_info, .sa_flags = SA_SIGINFO};
	union sigval v = {.sival_ptr = (void *)0x123456789abc};
	long here;

	sigaction(SIGUSR1, &a, NULL);
	sigaction(SIGRTMIN + 1, &a, NULL);
	kill(getpid(), SIGUSR1);
	CHECK(last.si_signo == SIGUSR1 && last.si_code == SI_USER);
	CHECK(last.si_pid == getpid() && last.si_uid == getuid());
	raise(SIGUSR1);
	CHECK(last.si_code == SI_TKILL && last.si_pid == getpid());
	CHECK(!sigqueue(getpid(), SIGUSR1, v));
	CHECK(last.si_code == SI_QUEUE);
	CHECK(last.si_value.sival_ptr == v.sival_ptr);
	CHECK(!sigqueue(getpid(), SIGRTMIN + 1, v));
	CHECK(last.si_signo == SIGRTMIN + 1);
	here = (long)&here;
	CHECK(place - here < 4096 && here - place < 4096);
	CHECK(sigqueue(getpid(), 65, v) == -1 && errno == EINVAL);
	CHECK(!sigqueue(getpid(), 0, v));
}

/* Lower numbers are delivered first, so their handlers begin last. */
static void several(void)
{
	sigset_t s, before;

	set(SIGUSR1, in_order, 0);
	set(SIGUSR2, in_order, 0);
	set(SIGHUP, in_order, 0);
	sigfillset(&s);
	sigprocmask(SIG_SETMASK, &s, &before);
	raise(SIGUSR2);
	raise(SIGHUP);
	raise(SIGUSR1);
	sigprocmask(SIG_SETMASK, &before, NULL);
	printf("# order %s\n", order);
	CHECK(strlen(order) == 3);
}

static void jumps(void)
{
	int n;

	set(SIGUSR1, leave, 0);
	n = sigsetjmp(jump, 1);
	if (!n)
		raise(SIGUSR1);
	CHECK(n == SIGUSR1 && !blocked(SIGUSR1));
	n = sigsetjmp(jump, 0);
	if (!n)
		raise(SIGUSR1);
	CHECK(n == SIGUSR1 && blocked(SIGUSR1));
}

static void errors(void)
{
	struct sigaction a = {.sa_handler = note};

	CHECK(sigaction(SIGKILL, &a, NULL) == -1 && errno == EINVAL);
	CHECK(sigaction(SIGSTOP, &a, NULL) == -1 && errno == EINVAL);
	CALL(syscall(SYS_rt_sigaction, SIGUSR1, 8L, NULL, 8));
	CALL(syscall(SYS_rt_sigaction, SIGUSR1, NULL, 8L, 8));
	CALL(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4));
	CALL(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, 8L));
	CALL(syscall(SYS_rt_tgsigqueueinfo, 0, 0, SIGUSR1, 8L));
}

/* The lines about signals, of /proc/self/status. */
static void show_proc(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];

	set(SIGUSR2, SIG_IGN, 0);
	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, "Pnd:") || strstr(line, "SigBlk:") ||
			strstr(line, "SigCgt:"))
			printf("# %s", line);
	if (f)
		fclose(f);
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	masks();
	flags();
	infos();
	several();
	jumps();
	errors();
	show_proc();
	return tap_done();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Signals without handlers: blocking, pending, ignoring, to oneself. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned ntests;

static void ok(int good, const char *name)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++ntests, name);
}

static int fails(long r, int err)
{
	return r == -1 && errno == err;
}

int main(void)
{
	struct sigaction a = {.sa_handler = SIG_IGN}, old;
	sigset_t set, before, waiting;

	ok(!sigaction(SIGUSR1, NULL, &old) && old.sa_handler == SIG_DFL,
		"the default at first");
	ok(!sigaction(SIGUSR1, &a, &old) && old.sa_handler == SIG_DFL,
		"SIG_IGN");
	ok(!sigaction(SIGUSR1, NULL, &old) && old.sa_handler == SIG_IGN,
		"it is kept");
	ok(!kill(getpid(), SIGUSR1), "kill with an ignored signal");
	ok(!raise(SIGUSR1), "raise of an ignored signal");
	ok(!raise(SIGCHLD) && !raise(SIGWINCH) && !raise(SIGURG),
		"signals that are ignored by default");

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	ok(!sigprocmask(SIG_BLOCK, &set, &before) &&
			!sigismember(&before, SIGUSR2),
		"SIG_BLOCK");
	ok(!raise(SIGUSR2), "raise of a blocked signal");
	ok(!sigpending(&waiting) && sigismember(&waiting, SIGUSR2) &&
			!sigismember(&waiting, SIGUSR1),
		"it is pending");
	ok(!sigaction(SIGUSR2, &a, NULL), "ignoring a pending signal");
	ok(!sigpending(&waiting) && !sigismember(&waiting, SIGUSR2),
		"drops it");
	ok(!sigprocmask(SIG_SETMASK, &before, &set) &&
			sigismember(&set, SIGUSR2),
		"SIG_SETMASK");
	sigfillset(&set);
	ok(!sigprocmask(SIG_SETMASK, &set, NULL) &&
			!sigprocmask(SIG_SETMASK, &before, &set) &&
			!sigismember(&set, SIGKILL) &&
			!sigismember(&set, SIGSTOP),
		"SIGKILL and SIGSTOP cannot be blocked");

	ok(fails(sigaction(SIGKILL, &a, NULL), EINVAL), "ignoring SIGKILL");
	ok(fails(sigaction(0, &a, NULL), EINVAL), "signal 0 has no action");
	ok(fails(sigaction(65, &a, NULL), EINVAL), "nor has signal 65");
	ok(!kill(getpid(), 0), "kill with signal 0");
	ok(fails(kill(getpid(), 65), EINVAL), "kill with signal 65");
	ok(fails(kill(0x3fffffff, SIGTERM), ESRCH), "kill of nobody");
	ok(fails(syscall(SYS_tgkill, getpid(), 0x3fffffff, SIGTERM), ESRCH),
		"tgkill of nobody");
	ok(fails(syscall(SYS_tgkill, getpid(), 0, SIGTERM), EINVAL),
		"tgkill of thread 0");
	ok(fails(syscall(SYS_rt_sigprocmask, 99, &set, NULL, 8), EINVAL),
		"no such way to change the mask");
	ok(fails(syscall(SYS_rt_sigprocmask, 0, &set, NULL, 4), EINVAL),
		"a set of 4 bytes");
	ok(fails(syscall(SYS_rt_sigprocmask, 0, 8, NULL, 8), EFAULT),
		"bad pointer");
	printf("1..%u\n", ntests);
	return 0;
}

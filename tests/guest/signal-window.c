/* SPDX-License-Identifier: Apache-2.0 */
/* A signal at each instruction from a cancellation point into keel: its
 * handler finds that the call was not made, and it is made afterwards. */
/* guest: only here */
/* guest: status 0 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

#include "file-tap.h"

/* Of keel and its part of the C library (targets/keel/libc/base.h). */
extern const char keel_cp_begin[], keel_cp_end[], keel_sys_read[];
extern const char keel_enter[] __attribute__((weak));

enum { TRAP_FLAG = 0x100 };

int (*volatile brings_in)(pthread_t) = pthread_cancel;
static volatile uintptr_t target, seen;
static volatile int signals;

static void step(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)sig;
	(void)info;
	if ((uintptr_t)uc->uc_mcontext.gregs[REG_RIP] != target)
		return;
	uc->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
	raise(SIGUSR1); /* is blocked in here */
}

static void look(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;

	(void)sig;
	(void)info;
	seen = uc->uc_mcontext.gregs[REG_RIP];
	signals++;
}

static void at(uintptr_t where, int in, int out, const char *name)
{
	char c = 0;
	long n;

	target = where;
	seen = signals = 0;
	(void)!write(out, "x", 1);
	__asm__ volatile("pushf; orq $0x100,(%%rsp); popf" : : : "memory");
	n = read(in, &c, 1);
	__asm__ volatile("pushf; andq $~0x100,(%%rsp); popf" : : : "memory");
	if (!where) {
		tap_check("steps into a call", n == 1 && c == 'x' && !signals);
		return;
	}
	tap_check(name, n == 1 && c == 'x' && signals == 1 &&
				seen >= (uintptr_t)keel_cp_begin &&
				seen < (uintptr_t)keel_cp_end);
}

int main(void)
{
	struct sigaction a = {.sa_sigaction = step, .sa_flags = SA_SIGINFO};
	uintptr_t enter = (uintptr_t)keel_enter;
	int p[2];

	if (pipe(p))
		return 9;
	sigaddset(&a.sa_mask, SIGUSR1);
	sigaction(SIGTRAP, &a, NULL);
	a.sa_sigaction = look;
	sigaction(SIGUSR1, &a, NULL);
	at((uintptr_t)keel_cp_begin, p[0], p[1], "before the call");
	at((uintptr_t)keel_sys_read, p[0], p[1], "at its stub");
	at((uintptr_t)keel_sys_read + 7, p[0], p[1], "in its stub");
	at(enter, p[0], p[1], "at the entry");
	at(enter + 1, p[0], p[1], "after its first instruction");
	at(enter + 4, p[0], p[1], "before the change of stacks");
	/* Stepping on into keel ends the steps and nothing else. */
	at(0, p[0], p[1], NULL);
	return tap_done();
}

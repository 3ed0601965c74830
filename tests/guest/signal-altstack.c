/* SPDX-License-Identifier: Apache-2.0 */
/* sigaltstack: setting, asking, handlers on it, handing it back. */
/* guest: status 0 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "file-tap.h"

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1U << 31)
#endif

static char stack[32768], other[32768];
static stack_t inside, saved;
static int error_inside, nested_inside;
static volatile int on_stack;

static int is_on(const char *area, size_t size)
{
	uintptr_t sp = (uintptr_t)__builtin_frame_address(0);

	return sp > (uintptr_t)area && sp <= (uintptr_t)area + size;
}

static void look(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;
	stack_t next = {.ss_sp = other, .ss_size = sizeof(other)};

	(void)info;
	(void)sig;
	on_stack = is_on(stack, sizeof(stack));
	sigaltstack(NULL, &inside);
	saved = uc->uc_stack;
	error_inside = sigaltstack(&next, NULL) ? errno : 0;
}

static void inner(int sig)
{
	(void)sig;
	nested_inside = is_on(stack, sizeof(stack));
}

static void outer(int sig)
{
	(void)sig;
	on_stack = is_on(stack, sizeof(stack));
	raise(SIGUSR2);
}

static void set(int sig, void (*fn)(int, siginfo_t *, void *), int flags)
{
	struct sigaction a = {
		.sa_sigaction = fn, .sa_flags = SA_SIGINFO | flags};

	sigaction(sig, &a, NULL);
}

static void set_plain(int sig, void (*fn)(int), int flags)
{
	struct sigaction a = {.sa_handler = fn, .sa_flags = flags};

	sigaction(sig, &a, NULL);
}

int main(void)
{
	stack_t s = {.ss_sp = stack, .ss_size = sizeof(stack)}, old;

	CHECK(!sigaltstack(NULL, &old) && old.ss_flags == SS_DISABLE);
	CHECK(!old.ss_sp && !old.ss_size);
	set(SIGUSR1, look, SA_ONSTACK);
	raise(SIGUSR1);
	CHECK(!on_stack && error_inside == 0);
	/* As Linux: without one before, what the handler set stays. */
	CHECK(saved.ss_flags == 0 && !saved.ss_sp && !saved.ss_size);
	CHECK(!sigaltstack(NULL, &old) && old.ss_sp == other);
	old.ss_flags = SS_DISABLE;
	CHECK(!sigaltstack(&old, NULL));
	CHECK(!sigaltstack(NULL, &old) && !old.ss_sp && !old.ss_size);
	set(SIGUSR1, look, 0);
	raise(SIGUSR1);
	CHECK(saved.ss_flags == SS_DISABLE);
	CHECK(!sigaltstack(NULL, &old) && old.ss_flags == SS_DISABLE);
	set(SIGUSR1, look, SA_ONSTACK);

	CHECK(!sigaltstack(&s, &old) && old.ss_flags == SS_DISABLE);
	CHECK(!sigaltstack(NULL, &old) && old.ss_sp == stack &&
		old.ss_size == sizeof(stack) && old.ss_flags == 0);
	raise(SIGUSR1);
	CHECK(on_stack && inside.ss_flags == SS_ONSTACK);
	CHECK(error_inside == EPERM);
	CHECK(saved.ss_sp == stack && saved.ss_flags == 0);
	set(SIGUSR1, look, 0);
	raise(SIGUSR1);
	CHECK(!on_stack && inside.ss_flags == 0 && error_inside == 0);
	CHECK(!sigaltstack(NULL, &old) && old.ss_sp == stack);

	set_plain(SIGUSR1, outer, SA_ONSTACK);
	set_plain(SIGUSR2, inner, SA_ONSTACK);
	raise(SIGUSR1);
	CHECK(on_stack && nested_inside);

	s.ss_flags = (int)SS_AUTODISARM;
	CHECK(!sigaltstack(&s, NULL));
	CHECK(!sigaltstack(NULL, &old) && old.ss_flags == (int)SS_AUTODISARM);
	set(SIGUSR1, look, SA_ONSTACK);
	raise(SIGUSR1);
	CHECK(on_stack && inside.ss_flags == SS_DISABLE);
	CHECK(error_inside == 0 && saved.ss_sp == stack);
	CHECK(!sigaltstack(NULL, &old) && old.ss_sp == stack &&
		old.ss_flags == (int)SS_AUTODISARM);

	s.ss_flags = 0;
	s.ss_size = MINSIGSTKSZ - 1;
	CALL(sigaltstack(&s, NULL));
	s.ss_size = sizeof(stack);
	s.ss_flags = 16;
	CALL(sigaltstack(&s, NULL));
	CALL(syscall(SYS_sigaltstack, 8L, NULL));
	CALL(syscall(SYS_sigaltstack, NULL, 8L));
	s.ss_flags = SS_DISABLE;
	CALL(sigaltstack(&s, NULL));
	CHECK(!sigaltstack(NULL, &old) && old.ss_flags == SS_DISABLE);
	return tap_done();
}

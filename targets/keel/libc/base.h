/* SPDX-License-Identifier: Apache-2.0 */
/* What the C library asks of the base that it is linked with. */
#ifndef LIBC_BASE_H
#define LIBC_BASE_H

/*
 * libc.a has no `syscall` instruction. It refers to the names below, which
 * libhost.a defines for a program of the build host and libkeel.a for a
 * kernel. All are hidden; arguments and results are those of Linux.
 */

#pragma GCC visibility push(hidden)

typedef long keel_fn(long, long, long, long, long, long);

/*
 * long keel_sys_NAME(...): one for every call of asm/unistd_64.h, 0 to 6
 * arguments of type long in the C calling convention. A caller may pass
 * more arguments than the call has, they are ignored.
 */

/* By number, for those who do not know it when they are compiled: refers
 * to every call that the base has. */
long keel_syscall(long nr, long a, long b, long c, long d, long e, long f);

/*
 * A call that is a cancellation point: returns keel_cancel() if *cancel is
 * set before the call, else fn(a..f). A signal handler that finds the
 * thread at a pc between keel_cp_begin and keel_cp_end may send it to
 * keel_cp_cancel instead, which jumps to keel_cancel.
 */
#ifndef KEEL_BY_FN /* musl's pthread_cancel.c has declarations of its own */
long keel_cp(volatile int *cancel, keel_fn *fn, long a, long b, long c, long d,
	long e, long f);
extern const char keel_cp_begin[1], keel_cp_end[1], keel_cp_cancel[1];
long keel_cancel(void); /* defined by libc.a, in pthread_cancel */
#endif

/*
 * These cannot be C functions; libc.a jumps to them from the name that
 * musl has for each (__clone, vfork, __restore_rt, __unmapself).
 */
int keel_clone(int (*fn)(void *), void *stack, int flags, void *arg, ...);
/* Returns ret(result) twice, result being 0, the pid or -errno. Called by
 * a jump: the child may overwrite all that is below the caller's stack. */
int keel_vfork(long (*ret)(unsigned long result));
void keel_restore_rt(void);
void keel_unmapself(void *base, unsigned long n); /* does not return */

#pragma GCC visibility pop

#endif

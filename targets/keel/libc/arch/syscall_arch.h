/* SPDX-License-Identifier: Apache-2.0 */
/* System calls of musl as calls of functions: number n is keel_sys_NAME. */
/* Takes the place of arch/x86_64/syscall_arch.h when musl is built. */
#include "../base.h"

#define __SYSCALL_LL_E(x) (x)
#define __SYSCALL_LL_O(x) (x)

#ifdef KEEL_BY_FN
#define keel_syscall(n, a, b, c, d, e, f) ((keel_fn *)(n))(a, b, c, d, e, f)
#endif

#include "keel-fold.h"

/*
 * After inlining n is a constant nearly everywhere, keel_fn_of() folds
 * to one name, and the call is direct. The few places where it is not
 * go by number and pull in all calls.
 */
#define KEEL_INLINE             static __inline __attribute__((__always_inline__))
#define KEEL_CALL(n, type, ...) ((long(*) type)keel_fn_of(n))(__VA_ARGS__)

KEEL_INLINE long __syscall0(long n)
{
	if (__builtin_constant_p(n))
		return KEEL_CALL(n, (void), );
	return keel_syscall(n, 0, 0, 0, 0, 0, 0);
}

KEEL_INLINE long __syscall1(long n, long a)
{
	if (__builtin_constant_p(n))
		return KEEL_CALL(n, (long), a);
	return keel_syscall(n, a, 0, 0, 0, 0, 0);
}

KEEL_INLINE long __syscall2(long n, long a, long b)
{
	if (__builtin_constant_p(n))
		return KEEL_CALL(n, (long, long), a, b);
	return keel_syscall(n, a, b, 0, 0, 0, 0);
}

KEEL_INLINE long __syscall3(long n, long a, long b, long c)
{
	if (__builtin_constant_p(n))
		return KEEL_CALL(n, (long, long, long), a, b, c);
	return keel_syscall(n, a, b, c, 0, 0, 0);
}

KEEL_INLINE long __syscall4(long n, long a, long b, long c, long d)
{
	if (__builtin_constant_p(n))
		return KEEL_CALL(n, (long, long, long, long), a, b, c, d);
	return keel_syscall(n, a, b, c, d, 0, 0);
}

KEEL_INLINE long __syscall5(long n, long a, long b, long c, long d, long e)
{
	if (__builtin_constant_p(n))
		return KEEL_CALL(
			n, (long, long, long, long, long), a, b, c, d, e);
	return keel_syscall(n, a, b, c, d, e, 0);
}

KEEL_INLINE long __syscall6(
	long n, long a, long b, long c, long d, long e, long f)
{
	if (__builtin_constant_p(n))
		return keel_fn_of(n)(a, b, c, d, e, f);
	return keel_syscall(n, a, b, c, d, e, f);
}

#define __scc(x) ((long)(x))
typedef long syscall_arg_t;

/*
 * A cancellation point passes the function in place of the number. musl's
 * __syscall_cp.c and pthread_cancel.c, which take it from there, are
 * compiled with KEEL_BY_FN: for them a number is such a function.
 */
#ifdef KEEL_BY_FN
#undef SYS_close
#define SYS_close ((long)keel_sys_close)
#else
#define KEEL_INSTEAD \
	extern __inline __attribute__((__gnu_inline__, __always_inline__))

#pragma GCC visibility push(hidden)
long keel_syscall_cp(keel_fn *, long, long, long, long, long, long) __asm__(
	"__syscall_cp");
int keel_setxid(keel_fn *, int, int, int);
#pragma GCC visibility pop

KEEL_INSTEAD long __syscall_cp(
	long n, long a, long b, long c, long d, long e, long f)
{
	return keel_syscall_cp(keel_fn_of(n), a, b, c, d, e, f);
}

KEEL_INSTEAD int __setxid(int n, int id, int eid, int sid)
{
	return keel_setxid(keel_fn_of(n), id, eid, sid);
}
#endif

/* Sockets choose the number in an inline function of musl's own. */
KEEL_INLINE long __alt_socketcall(
	int, int, int, long, long, long, long, long, long);

#define IPC_64 0

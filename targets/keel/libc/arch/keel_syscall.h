/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syscall() with a constant number, for unistd.h of the sysroot: refers to
 * that call alone, so that a kernel carries no other. With a number that is
 * not constant, or by its address, syscall is musl's function. headers.sh
 * puts in front: __KEEL_KNOWN(n), is there such a call?
 */
#if defined(__OPTIMIZE__) && defined(__GNUC__) && !defined(__clang__)
long __keel_syscall(void *, ...);
long __keel_syscall_any(long, ...) __asm__("syscall");

extern __inline
	__attribute__((__gnu_inline__, __always_inline__, __artificial__)) long
	syscall(long __n, ...)
{
	void *__call;

	if (!__builtin_constant_p(__n) || !__KEEL_KNOWN(__n))
		return __keel_syscall_any(__n, __builtin_va_arg_pack());
	__asm__("lea keel_number_%c1(%%rip),%0" : "=r"(__call) : "i"(__n));
	return __keel_syscall(__call, __builtin_va_arg_pack());
}
#endif

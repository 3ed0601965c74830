/* SPDX-License-Identifier: Apache-2.0 */
/* base.h for a program of the build host, by the `syscall` instruction. */
#include <asm/unistd.h>

	.macro function name
	.section .text.\name,"ax",@progbits
	.globl \name
	.hidden \name
	.type \name,@function
\name:
	.endm

	/* keel_syscall(nr, a, b, c, d, e, f) */
	function keel_syscall
	mov %rdi,%rax
	mov %rsi,%rdi
	mov %rdx,%rsi
	mov %rcx,%rdx
	mov %r8,%r10
	mov %r9,%r8
	mov 8(%rsp),%r9
	syscall
	ret

	/*
	 * keel_cp(cancel, fn, a, b, c, d, e, f): the instruction must be in
	 * the range that a signal handler knows, so fn is not called; its
	 * first instruction holds the number (tools/syscalls.awk).
	 */
	.globl keel_cp_begin, keel_cp_end, keel_cp_cancel
	.hidden keel_cp_begin, keel_cp_end, keel_cp_cancel
	.hidden keel_cancel
	function keel_cp
	mov 1(%rsi),%eax
	mov %rdi,%r11
	mov %rdx,%rdi
	mov %rcx,%rsi
	mov %r8,%rdx
	mov %r9,%r10
	mov 8(%rsp),%r8
	mov 16(%rsp),%r9
keel_cp_begin:
	cmpl $0,(%r11)
	jne keel_cp_cancel
	syscall
keel_cp_end:
	ret
keel_cp_cancel:
	jmp keel_cancel

	/* keel_clone(fn, stack, flags, arg, ptid, tls, ctid) */
	function keel_clone
	mov %rdi,%r11
	mov %rdx,%rdi
	mov %r8,%rdx
	mov 8(%rsp),%r10
	mov %r9,%r8
	and $-16,%rsi
	mov %r11,%r9
	sub $16,%rsi
	mov %rcx,(%rsi)
	mov $__NR_clone,%eax
	syscall
	test %eax,%eax
	jz 1f
	ret
1:	xor %ebp,%ebp
	mov (%rsp),%rdi
	call *%r9
	mov %eax,%edi
	mov $__NR_exit,%eax
	syscall
	hlt

	/* keel_vfork(ret): the return address is kept in a register. */
	function keel_vfork
	pop %rdx
	mov $__NR_vfork,%eax
	syscall
	push %rdx
	mov %rdi,%rdx
	mov %rax,%rdi
	jmp *%rdx

	function keel_restore_rt
	mov $__NR_rt_sigreturn,%eax
	syscall

	/* keel_unmapself(base, n): no stack from the first call on. */
	function keel_unmapself
	mov $__NR_munmap,%eax
	syscall
	xor %edi,%edi
	mov $__NR_exit,%eax
	syscall
	hlt

	.section .note.GNU-stack,"",@progbits

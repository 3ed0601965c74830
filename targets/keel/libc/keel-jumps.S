/* SPDX-License-Identifier: Apache-2.0 */
/* What base.h asks for beside the calls, as far as one thread needs it. */

	.macro function name
	.section .text.\name,"ax",@progbits
	.globl \name
	.hidden \name
	.type \name,@function
\name:
	.endm

	.hidden keel_sys_clone, keel_sys_vfork, keel_sys_exit, keel_cancel

	/* The call answers for itself; keel has no second thread yet. */
	function keel_clone
	jmp keel_sys_clone

	function keel_vfork
	push %rdi
	call keel_sys_vfork
	pop %rdx
	mov %rax,%rdi
	jmp *%rdx

	/* A thread that ends keeps its stack: this one stands on it. */
	function keel_unmapself
	xor %edi,%edi
	jmp keel_sys_exit

	/* Handlers do not run yet, so none returns. */
	function keel_restore_rt
	ud2

	/* keel_cp(cancel, fn, a, b, c, d, e, f) */
	.globl keel_cp_begin, keel_cp_end, keel_cp_cancel
	.hidden keel_cp_begin, keel_cp_end, keel_cp_cancel
	function keel_cp
	mov %rsi,%rax
	mov %rdi,%r11
	mov %rdx,%rdi
	mov %rcx,%rsi
	mov %r8,%rdx
	mov %r9,%rcx
	mov 8(%rsp),%r8
	mov 16(%rsp),%r9
keel_cp_begin:
	cmpl $0,(%r11)
	jne keel_cp_cancel
	jmp *%rax
keel_cp_end:
keel_cp_cancel:
	jmp keel_cancel

	.section .note.GNU-stack,"",@progbits

/* SPDX-License-Identifier: Apache-2.0 */
/* What base.h asks for beside the calls; see keel-thread.S for threads. */

	.macro function name
	.section .text.\name,"ax",@progbits
	.globl \name
	.hidden \name
	.type \name,@function
\name:
	.endm

	.hidden keel_sys_vfork, keel_cancel

	function keel_vfork
	push %rdi
	call keel_sys_vfork
	pop %rdx
	mov %rax,%rdi
	jmp *%rdx

	/*
	 * keel_cp(cancel, fn, a, b, c, d, e, f). The stack keeps what a call
	 * that is made again needs: arch_frame_again sends it to keel_cp_begin
	 * with the arguments in their registers.
	 */
	.globl keel_cp_begin, keel_cp_end, keel_cp_cancel
	.hidden keel_cp_begin, keel_cp_end, keel_cp_cancel
	function keel_cp
	mov 8(%rsp),%rax
	mov 16(%rsp),%r10
	push %rdi
	push %rsi
	push %rax
	mov %rdx,%rdi
	mov %rcx,%rsi
	mov %r8,%rdx
	mov %r9,%rcx
	mov %rax,%r8
	mov %r10,%r9
keel_cp_begin:
	mov 16(%rsp),%rax
	cmpl $0,(%rax)
	jne keel_cp_cancel
	call *8(%rsp)
keel_cp_end:
	add $24,%rsp
	ret
keel_cp_cancel:
	add $24,%rsp
	jmp keel_cancel

	.section .note.GNU-stack,"",@progbits

/* SPDX-License-Identifier: Apache-2.0 */
/* What base.h asks for to start and to end a thread. */

	.macro function name
	.section .text.\name,"ax",@progbits
	.globl \name
	.hidden \name
	.type \name,@function
\name:
	.endm

	.hidden keel_sys_clone, keel_sys_exit, keel_enter
	.hidden keel_thread_unmap_self

	/* keel_clone(fn, stack, flags, arg, ptid, tls, ctid): the child goes
	 * on at the same place, on its own stack. */
	function keel_clone
	and $-16,%rsi
	sub $16,%rsi
	mov %rcx,(%rsi)
	mov %rdi,8(%rsi)
	mov %rdx,%rdi
	mov %r8,%rdx
	mov 8(%rsp),%rcx
	mov %r9,%r8
	call keel_sys_clone
	test %eax,%eax
	jz 1f
	ret
1:	xor %ebp,%ebp
	pop %rdi
	pop %rax
	call *%rax
	mov %eax,%edi
	jmp keel_sys_exit

	/* keel_unmapself(base, n) */
	function keel_unmapself
	lea keel_thread_unmap_self(%rip),%rax
	jmp keel_enter

	.section .note.GNU-stack,"",@progbits

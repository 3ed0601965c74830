/* SPDX-License-Identifier: Apache-2.0 */
/* From one thread to another. */

	/*
	 * switch_stacks(uint64_t *save, uint64_t load): struct switch_frame
	 * (switch.c). What a function must keep is on the stack, also the
	 * control words and flags of both vector units. fnstenv masks the
	 * exceptions, so that none that waits comes up here.
	 */
	.section .text.switch_stacks,"ax",@progbits
	.globl switch_stacks
	.type switch_stacks,@function
switch_stacks:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	sub $32,%rsp
	fnstenv (%rsp)
	stmxcsr 28(%rsp)
	mov %rsp,(%rdi)
	mov %rsi,%rsp
	fldenv (%rsp)
	ldmxcsr 28(%rsp)
	add $32,%rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret
	.size switch_stacks,.-switch_stacks

	/* The first of a new thread: rbx is a function of keel with its
	 * argument in r12, or 0: the stack pointer is at a trap frame. */
	.section .text.switch_begin,"ax",@progbits
	.globl switch_begin
	.type switch_begin,@function
switch_begin:
	call thread_began
	mov %r12,%rdi
	test %rbx,%rbx
	jz 1f
	sti
	call *%rbx
	call sched_exit
1:	mov %rsp,%rdi
	call thread_enters
	jmp trap_return
	.size switch_begin,.-switch_begin

	.section .note.GNU-stack,"",@progbits

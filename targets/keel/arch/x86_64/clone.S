/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that make threads of the program. */
#include "arch/x86_64/start.h"
#include "arch/x86_64/trap.h"

	/*
	 * The bodies of clone and clone3: they pass on the registers that the
	 * child starts with, as the seventh argument, by its address in r9.
	 */
	.section .text.do_clone,"ax",@progbits
	.globl do_clone, do_clone3
	.type do_clone,@function
	.type do_clone3,@function
do_clone3:
	lea thread_clone3(%rip),%rax
	jmp 1f
do_clone:
	lea thread_clone(%rip),%rax
1:	push $BOOT_DS
	lea 16(%rbp),%r10
	push %r10
	pushf
	push $BOOT_CS64
	push 8(%rbp)
	push $0
	push $0
	push $0
	push %rbx
	push %rcx
	push %rdx
	push %rsi
	push %rdi
	push (%rbp)
	push %r8
	push %r9
	push $0
	push $0
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp,%r9
	call *%rax
	add $TRAP_FRAME_SIZE,%rsp
	ret
	.size do_clone,.-do_clone

	.section .note.GNU-stack,"",@progbits

/* SPDX-License-Identifier: Apache-2.0 */
/* Ways into keel: exceptions, interrupts, calls; and out of it. */
#include "arch/x86_64/start.h"
#include "arch/x86_64/trap.h"

/* struct cpu and struct thread (sched/thread.h) */
#define CPU_THREAD   8
#define CPU_PENDING  16
#define CPU_KSTACK   24
#define THREAD_TOP   0
#define THREAD_LOW   8
#define KSTACK_SIZE  16384
#define GUARD        4096
#define OVERFLOW_GAP 1024

	.section .text.trap,"ax",@progbits

/* The address that `call` pushes tells the vector. These have an error code:
 * 8, 10 to 14, 17, 21, 29, 30. */
	.globl trap_stubs
trap_stubs:
	.set vector,0
	.rept TRAP_VECTORS
	.if vector < 32 && ((1 << vector) & 0x60227d00)
	.byte 0xe8
	.long trap_error - (. + 4)
	.else
	.byte 0xe8
	.long trap_plain - (. + 4)
	.endif
	.set vector,vector+1
	.endr

trap_plain:
	push (%rsp)
	movq $0,8(%rsp)
trap_error:
	push %rax
	push %rbx
	push %rcx
	push %rdx
	push %rsi
	push %rdi
	push %rbp
	push %r8
	push %r9
	push %r10
	push %r11
	push %r12
	push %r13
	push %r14
	push %r15
	cld
	mov %rsp,%rsi
	/* vector = (pushed address - stubs) / 5 - 1 */
	lea trap_stubs(%rip),%rdx
	mov 120(%rsi),%rax
	sub %edx,%eax
	mov $5,%ecx
	xor %edx,%edx
	div %ecx
	dec %eax
	mov %rax,120(%rsi)
	/* NMI, double fault, machine check: they stay on their stack. */
	cmp $2,%eax
	je trap_stop
	cmp $8,%eax
	je trap_stop
	cmp $18,%eax
	je trap_stop

	mov TRAP_FRAME_RSP(%rsi),%rdi
	mov %gs:CPU_THREAD,%rbx
	lea GUARD(%rdi),%rcx
	sub THREAD_LOW(%rbx),%rcx
	xor %ebp,%ebp
	cmp $(KSTACK_SIZE + GUARD),%rcx
	setbe %bpl
	jbe 1f
	mov THREAD_TOP(%rbx),%rdi
1:	and $-16,%rdi
	sub $TRAP_FRAME_SIZE,%rdi
	lea -OVERFLOW_GAP(%rdi),%rcx
	cmp THREAD_LOW(%rbx),%rcx
	jb trap_stop
	mov %rdi,%rdx
	mov $(TRAP_FRAME_SIZE / 8),%ecx
	rep movsq
	mov %rdx,%rsp
	mov %rsp,%rdi
	mov %ebp,%esi
	call trap_handle
	/* With interrupts off. */
	.globl trap_return
trap_return:
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rbp
	pop %rdi
	pop %rsi
	pop %rdx
	pop %rcx
	pop %rbx
	pop %rax
	add $16,%rsp
	iretq

trap_stop:
	mov %rsp,%rdi
	and $-16,%rsp
	call trap_fatal

	.globl trap_reset
	.type trap_reset,@function
trap_reset:
	push $0
	push $0
	lidt (%rsp)
	ud2

/*
 * A call: %rax is the body's address, the arguments are in their registers
 * (C calling convention: all vector registers are free to be lost). They are
 * kept as struct call_frame. An interrupt between the look at `pending` and
 * the change of stacks goes back to the look (trap.c), so that no work is
 * left behind. Work finds the registers as if the program was interrupted at
 * the return address; when it changed them, all are loaded.
 */
	.section .text.keel_enter,"ax",@progbits
	.globl keel_enter
	.type keel_enter,@function
keel_enter:
	push %rbp
	mov %rsp,%rbp
	mov %gs:CPU_KSTACK,%rsp
	push %rbp
	push %r9
	push %r8
	push %rcx
	push %rdx
	push %rsi
	push %rdi
	push %rax
	call *%rax
	.globl keel_leave
keel_leave:
	cmpl $0,%gs:CPU_PENDING
	jne 1f
	mov %rbp,%rsp
	.globl keel_leave_end
keel_leave_end:
	pop %rbp
	ret
1:	push $BOOT_DS
	lea 16(%rbp),%rdx
	push %rdx
	pushf
	push $BOOT_CS64
	push 8(%rbp)
	sub $16,%rsp
	push %rax
	push %rbx
	sub $32,%rsp
	push (%rbp)
	sub $32,%rsp
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp,%rdi
	call leave_call
	test %al,%al
	jnz trap_return
	add $TRAP_FRAME_RAX,%rsp
	pop %rax
	add $(TRAP_FRAME_SIZE - TRAP_FRAME_RAX - 8),%rsp
	jmp keel_leave
	.size keel_enter,.-keel_enter

	.section .text.trap_resume,"ax",@progbits
	.globl trap_resume
	.type trap_resume,@function
trap_resume:
	mov %rdi,%rsp
	jmp trap_return
	.size trap_resume,.-trap_resume

/* arch_enter_program(entry, sp) */
	.section .text.arch_enter_program,"ax",@progbits
	.globl arch_enter_program
	.type arch_enter_program,@function
arch_enter_program:
	mov %rsi,%rsp
	mov %rdi,%rax
	xor %ebx,%ebx
	xor %ecx,%ecx
	xor %edx,%edx
	xor %esi,%esi
	xor %edi,%edi
	xor %ebp,%ebp
	sti
	jmp *%rax
	.size arch_enter_program,.-arch_enter_program

	.section .note.GNU-stack,"",@progbits

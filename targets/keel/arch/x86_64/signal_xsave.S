/* SPDX-License-Identifier: Apache-2.0 */
/* The vector units' state in the program's memory, faults caught. */
#include "arch/x86_64/extable.inc"

	.macro function name
	.section .text.\name,"ax",@progbits
	.globl \name
	.type \name,@function
\name:
	.endm

/*
 * int signal_fpu_save(void *area, uint64_t features)
 * int signal_fpu_load(const void *area, uint64_t features)
 * By XSAVE, or FXSAVE if features is 0; 0 or -1.
 */
	function signal_fpu_save
	mov %rsi,%rax
	mov %rsi,%rdx
	shr $32,%rdx
	test %rsi,%rsi
	jz 1f
	expect_fault 3f
	xsave64 (%rdi)
	jmp 2f
1:	expect_fault 3f
	fxsave64 (%rdi)
2:	xor %eax,%eax
	ret
3:	mov $-1,%eax
	ret
	.size signal_fpu_save,.-signal_fpu_save

	function signal_fpu_load
	mov %rsi,%rax
	mov %rsi,%rdx
	shr $32,%rdx
	test %rsi,%rsi
	jz 1f
	expect_fault 3f
	xrstor64 (%rdi)
	jmp 2f
1:	expect_fault 3f
	fxrstor64 (%rdi)
2:	xor %eax,%eax
	ret
3:	mov $-1,%eax
	ret
	.size signal_fpu_load,.-signal_fpu_load

	.section .note.GNU-stack,"",@progbits

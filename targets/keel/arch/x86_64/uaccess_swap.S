/* SPDX-License-Identifier: Apache-2.0 */
/* An atomic change of a word of the program. */
#include "arch/x86_64/extable.inc"

/* int arch_swap_user(uint32_t *dst, uint32_t *old, uint32_t new) */
	.section .text.arch_swap_user, "ax", @progbits
	.globl arch_swap_user
	.hidden arch_swap_user
	.type arch_swap_user, @function
arch_swap_user:
	mov	(%rsi), %eax
	expect_fault 1f
	lock cmpxchg %edx, (%rdi)
	mov	%eax, (%rsi)
	xor	%eax, %eax
	ret
1:	mov	$1, %eax
	ret
	.size arch_swap_user, . - arch_swap_user

	.section .note.GNU-stack, "", @progbits

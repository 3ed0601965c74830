/* SPDX-License-Identifier: Apache-2.0 */
/* Copying where a fault is expected: see extable_find in paging.h. */
#include "arch/x86_64/extable.inc"

/* size_t arch_copy_user(void *dst, const void *src, size_t n) */
	.section .text.arch_copy_user, "ax", @progbits
	.globl arch_copy_user
	.hidden arch_copy_user
	.type arch_copy_user, @function
arch_copy_user:
	mov	%rdx, %rcx
	shr	$3, %rcx
	and	$7, %edx
	expect_fault 1f
	rep movsq
	mov	%edx, %ecx
	jmp	2f
1:	lea	(%rdx,%rcx,8), %rcx	/* the rest by bytes, up to the bad one */
2:
	expect_fault 3f
	rep movsb
3:	mov	%rcx, %rax
	ret
	.size arch_copy_user, . - arch_copy_user

	.section .note.GNU-stack, "", @progbits

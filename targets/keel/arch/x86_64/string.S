/* SPDX-License-Identifier: Apache-2.0 */
/* Copies and fills by the string instructions: small, and fast in bulk. */

	.section .text.memcpy,"ax",@progbits
	.globl memcpy
	.type memcpy,@function
memcpy:
	mov %rdi,%rax
	mov %rdx,%rcx
	shr $3,%rcx
	rep movsq
	mov %edx,%ecx
	and $7,%ecx
	rep movsb
	ret
	.size memcpy,.-memcpy

	.section .text.memset,"ax",@progbits
	.globl memset
	.type memset,@function
memset:
	mov %rdi,%r8
	movzbl %sil,%eax
	mov $0x0101010101010101,%rcx
	imul %rcx,%rax
	mov %rdx,%rcx
	shr $3,%rcx
	rep stosq
	mov %edx,%ecx
	and $7,%ecx
	rep stosb
	mov %r8,%rax
	ret
	.size memset,.-memset

	.section .note.GNU-stack,"",@progbits

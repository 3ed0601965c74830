/* SPDX-License-Identifier: Apache-2.0 */
/* Where signal handlers return to; apart, since it brings in signals. */
	.section .text.keel_restore_rt,"ax",@progbits
	.globl keel_restore_rt
	.hidden keel_restore_rt, keel_sigreturn, keel_enter
	.type keel_restore_rt,@function
keel_restore_rt:
	mov %rsp,%rdi
	lea keel_sigreturn(%rip),%rax
	jmp keel_enter
	.size keel_restore_rt,.-keel_restore_rt

	.section .note.GNU-stack,"",@progbits

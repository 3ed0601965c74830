/* SPDX-License-Identifier: Apache-2.0 */
/* PVH entry of the probe. */
	.section .note.pvh, "a", @note
	.long	4, 4, 18
	.asciz	"Xen"
	.long	_start

	.code32
	.text
	.globl	_start
_start:
	movl	$stack_end, %esp
	pushl	%ebx
	call	probe_main

	.bss
	.balign	16
	.skip	4096
stack_end:

/* SPDX-License-Identifier: Apache-2.0 */
/* The do-nothing stub: a PVH kernel that prints one line and powers off. */

/* The floor of the boot measurements, and the simplest kernel to boot. */
	.section .note.pvh, "a", @note
	.long	4, 4, 18
	.asciz	"Xen"
	.long	_start

	.code32
	.text
	.globl	_start
_start:
	cmpl	$0x336ec578, (%ebx)
	movl	$good, %esi
	je	1f
	movl	$bad, %esi
1:	movw	$0x3f8, %dx
2:	lodsb
	testb	%al, %al
	jz	off
	outb	%al, %dx
	jmp	2b
off:
	movw	$0x604, %dx	# ACPI S5 of pc and q35
	movw	$0x2000, %ax
	outw	%ax, %dx
	lidt	empty		# microvm: a triple fault, with -no-reboot
	int3
	hlt

	.section .rodata
good:	.asciz	"stub\n"
bad:	.asciz	"stub: no start info\n"
	.balign	8
	.data
empty:	.quad	0

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PVH entry of a bundle (lib/linux/bundle.c): tells Linux where its
 * initramfs is. Protected mode, no paging, no stack, %ebx: hvm_start_info
 * (Xen, public/arch-x86/hvm/start_info.h). Flat and at any address: the
 * immediate of the first instruction is made that of the structure before.
 */
	.set START_NR_MODULES, 12
	.set START_MODLIST, 16
	.set START_CMDLINE, 24

	.code32
	.text
head:
entry:		.long 0 /* Linux's own */
		.long 0
module:		.quad 0, 0, 0, 0 /* hvm_modlist_entry: the initramfs */
cmdline:	.quad 0
	.org 64
	mov	$0, %ecx
	lea	(module - head)(%ecx), %eax
	movl	$1, START_NR_MODULES(%ebx)
	mov	%eax, START_MODLIST(%ebx)
	movl	$0, START_MODLIST + 4(%ebx)
	mov	START_CMDLINE(%ebx), %eax
	test	%eax, %eax
	jz	1f
	cmpb	$0, (%eax)
	jne	2f
1:	mov	(cmdline - head)(%ecx), %eax
	mov	%eax, START_CMDLINE(%ebx)
	movl	$0, START_CMDLINE + 4(%ebx)
2:	jmp	*(entry - head)(%ecx)

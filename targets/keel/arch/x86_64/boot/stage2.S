/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 2, the part in assembly: modes, BIOS calls, the jump to the kernel. */

	.code16
	.section .head, "ax"
	.globl	_start
_start:
	jmp	start
	.org	4
	.ascii	"SLG2"
	.globl	stage2_fields
stage2_fields:			# STAGE2_FIELDS in lib/disk/boot.h
	.quad	0		# first LBA of the kernel
	.quad	0		# bytes of the kernel
start:
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	$0x7c00, %sp
	cld
	movzbl	%dl, %edx
	pushl	%edx
	movw	$0x2401, %ax	# A20 on: by the BIOS, then by port 0x92
	sti
	int	$0x15
	cli
	inb	$0x92, %al
	orb	$2, %al
	andb	$0xfe, %al
	outb	%al, $0x92
	popl	%edi		# drive
	lgdtl	gdt_pointer
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$0x08, $start32

	.code32
start32:
	movl	$0x10, %eax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	%ax, %fs
	movw	%ax, %gs
	movl	%edi, %edx
	movl	$bss_start, %edi
	movl	$bss_end, %ecx
	subl	%edi, %ecx
	xorl	%eax, %eax
	rep stosb
	movl	$0x7c00, %esp
	pushl	%edx
	call	stage2_main
1:	cli
	hlt
	jmp	1b

	.text
/* void bios_call(unsigned vector, struct bios_regs *r): to real mode, INT,
 * back. The struct and the stack are below 64 KiB. */
	.globl	bios_call
bios_call:
	pushal
	movl	36(%esp), %eax
	movb	%al, bios_vector
	movl	40(%esp), %ebp
	movl	%esp, saved_esp
	ljmp	$0x18, $1f
	.code16
1:	movw	$0x20, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	%ax, %fs
	movw	%ax, %gs
	movl	%cr0, %eax
	andb	$0xfe, %al
	movl	%eax, %cr0
	ljmp	$0, $2f
2:	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	%ax, %fs
	movw	%ax, %gs
	movl	0(%bp), %eax
	movl	4(%bp), %ebx
	movl	8(%bp), %ecx
	movl	12(%bp), %edx
	movl	16(%bp), %esi
	movl	20(%bp), %edi
	pushw	%bp
	sti
	.byte	0xcd		# int
bios_vector:
	.byte	0
	cli
	cld
	popw	%bp
	pushw	$0
	popw	%ds
	movl	%eax, 0(%bp)	# %bp: by way of %ss, which is 0
	pushfl
	popl	%eax
	movl	%eax, 24(%bp)
	movl	%ebx, 4(%bp)
	movl	%ecx, 8(%bp)
	movl	%edx, 12(%bp)
	lgdtl	gdt_pointer
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$0x08, $3f
	.code32
3:	movl	$0x10, %eax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	%ax, %fs
	movw	%ax, %gs
	movl	saved_esp, %esp
	popal
	ret

/* void enter_kernel(uint32_t entry, const struct pvh_start_info *) */
	.globl	enter_kernel
enter_kernel:
	movl	4(%esp), %eax
	movl	8(%esp), %ebx
	movl	$0x28, %ecx
	ltr	%cx
	pushl	$2		# flags: nothing set
	popfl
	xorl	%ecx, %ecx
	movl	%ecx, %cr4
	movl	$0x11, %ecx	# CR0: PE, ET
	movl	%ecx, %cr0
	jmp	*%eax

	.data
	.balign	8
gdt:	.quad	0
	.quad	0x00cf9a000000ffff	# 0x08: code, 32 bits, flat
	.quad	0x00cf92000000ffff	# 0x10: data, flat
	.quad	0x00009a000000ffff	# 0x18: code, 16 bits, base 0
	.quad	0x000092000000ffff	# 0x20: data, 64 KiB
	.quad	0x0000890000000067	# 0x28: a TSS, as PVH asks
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt
saved_esp:
	.long	0

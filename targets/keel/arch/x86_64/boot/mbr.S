/* SPDX-License-Identifier: Apache-2.0 */
/* Boot sector: loads stage 2 by INT 13h extensions and jumps to it. */

/*
 * Loaded at 0x7c00 in real mode, %dl = drive. Bytes 3..89 stay unused: some
 * firmware patches a BIOS parameter block there. The fields at MBR_FIELDS
 * (lib/disk/boot.h) are filled in by whoever writes the disk.
 */
	.code16
	.text
	.globl	_start
_start:
	jmp	start
	.org	90
start:
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	$_start, %sp
	sti
	cld
	ljmp	$0, $1f		# some firmware enters at 0x7c0:0
1:
	pushw	%dx
	movb	$0x41, %ah	# are the extensions there?
	movw	$0x55aa, %bx
	int	$0x13
	movw	$no_lba, %si
	jc	fail
	cmpw	$0xaa55, %bx
	jne	fail

	popw	%dx
	pushw	%dx
	movw	$packet, %si
	movb	$0x42, %ah
	int	$0x13
	movw	$bad_read, %si
	jc	fail
	movw	$bad_stage2, %si
	cmpl	$0x32474c53, 0x8004	# "SLG2"
	jne	fail
	popw	%dx
	ljmp	$0, $0x8000

fail:	# %si: text; to the screen and to COM1
	lodsb
	testb	%al, %al
	jz	stop
	pushw	%ax
	movw	$7, %bx
	movb	$0x0e, %ah
	int	$0x10
	movw	$0x3fd, %dx
	movw	$0xffff, %cx
2:	inb	%dx, %al	# room in the transmitter? no port: all ones
	testb	$0x20, %al
	loopz	2b
	popw	%ax
	movw	$0x3f8, %dx
	outb	%al, %dx
	jmp	fail
stop:
	cli
	hlt
	jmp	stop

no_lba:
	.asciz	"slipway: the BIOS has no INT 13h extensions\r\n"
bad_read:
	.asciz	"slipway: cannot read the disk\r\n"
bad_stage2:
	.asciz	"slipway: no stage 2 on the disk\r\n"

	.org	424		# MBR_FIELDS
packet:
	.byte	16, 0
	.word	0		# sectors of stage 2
	.word	0x8000, 0
	.quad	0		# first LBA
	.org	440

/* SPDX-License-Identifier: Apache-2.0 */
/* UEFI loader, the part in assembly: PE32+ headers, the way down to PVH. */

/*
 * A flat binary whose file offsets equal its addresses. The section
 * ".kernel" at the end is empty here: whoever writes the disk appends the
 * kernel and fills in the fields marked [patched] (lib/disk/boot.h).
 */
	.section .head, "a"
	.globl	image_base
image_base:
	.ascii	"MZ"
	.org	0x3c
	.long	0x40

	.org	0x40			# PE/COFF specification, 3
	.ascii	"PE\0\0"
	.word	0x8664			# machine
	.word	3			# sections
	.long	0, 0, 0			# time, symbols
	.word	sections - optional
	.word	0x0022			# executable, large addresses
optional:
	.word	0x20b			# PE32+
	.byte	0, 0
	.long	text_size
	.long	0			# 0x60: initialised data [patched]
	.long	0
	.long	efi_entry_rva
	.long	0x1000			# base of code
	.quad	0			# image base: moves freely
	.long	4096, 512		# section and file alignment
	.word	0, 0, 0, 0, 0, 0	# versions
	.long	0
	.long	kernel_rva		# 0x90: size of image [patched]
	.long	0x1000			# size of headers
	.long	0			# checksum
	.word	10			# subsystem: EFI application
	.word	0x0100			# compatible with W^X
	.quad	0x20000, 0x20000, 0, 0
	.long	0
	.long	6			# data directories
	.quad	0, 0, 0, 0, 0		# 5 is the base relocations
	.long	reloc_rva, reloc_size
sections:
	.ascii	".text\0\0\0"
	.long	text_size, 0x1000, text_size, 0x1000
	.quad	0
	.long	0, 0x60000020		# code, execute, read
	.ascii	".reloc\0\0"
	.long	reloc_size, reloc_rva, 512, reloc_rva
	.quad	0
	.long	0, 0x42000040		# data, discardable, read
	.ascii	".kernel\0"
	.globl	kernel_section
kernel_section:
	.long	0			# 0x150: virtual size [patched]
	.long	kernel_rva
	.long	0			# 0x158: size in the file [patched]
	.long	kernel_rva
	.quad	0
	.long	0, 0x40000040		# data, read

	.section .reloc, "a"
	.long	0, reloc_size		# one block without a relocation
	.word	0, 0

/*
 * struct descent: what uefi.c fills in, below 4 GiB.
 *   0  entry (u32), 4 start info (u32), 8 ncopies (u32)
 *   16 GDT, 4 entries; 48 its pointer (10 bytes); 64 the copies:
 *      to, from, n, nzero (u32 each)
 */
	.text
/* _Noreturn void descend(struct descent *d, void *code): `code` is a copy
 * of descend_code below 4 GiB. Interrupts off, boot services gone. */
	.globl	descend
descend:
	cli
	cld
	lgdt	48(%rdi)
	movl	%edi, %ebp
	movl	%esi, %eax
	leaq	-64(%rdi), %rsp
	pushq	$0x08
	pushq	%rax
	lretq

	.code32
	.globl	descend_code
	.globl	descend_code_end
descend_code:				# %ebp: struct descent
	movl	$0x10, %eax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	%ax, %fs
	movw	%ax, %gs
	movl	%cr0, %eax
	andl	$0x7fffffff, %eax	# paging off
	movl	%eax, %cr0
	xorl	%eax, %eax
	movl	%eax, %cr4
	movl	$0xc0000080, %ecx	# EFER: long mode off
	rdmsr
	andl	$0xfffff2fe, %eax	# LME, LMA, NXE, SCE
	wrmsr
	movl	$0x11, %eax
	movl	%eax, %cr0
	leal	64(%ebp), %ebx
	movl	8(%ebp), %edx
1:	testl	%edx, %edx
	jz	2f
	movl	0(%ebx), %edi
	movl	4(%ebx), %esi
	movl	8(%ebx), %ecx
	movl	%ecx, %eax
	shrl	$2, %ecx
	rep movsl
	movl	%eax, %ecx
	andl	$3, %ecx
	rep movsb
	movl	12(%ebx), %ecx
	xorl	%eax, %eax
	rep stosb
	addl	$16, %ebx
	decl	%edx
	jmp	1b
2:	movl	0(%ebp), %eax
	movl	4(%ebp), %ebx
	jmp	*%eax
descend_code_end:
	.code64

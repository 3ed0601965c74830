/* SPDX-License-Identifier: Apache-2.0 */
/* The first instructions: from PVH or a 64-bit Linux boot to boot_early. */
#include "arch/x86_64/start.h"

/*
 * The image is where keel.ld linked it; this section is first after the ELF
 * headers, at BOOT_BASE (checked in keel.ld). Right after the image come the
 * first page tables, PML4, PDPT and PD, and the boot stack.
 */
#define AT(sym) (BOOT_BASE + (sym - boot_base))

	.section .text.keel_boot,"ax",@progbits
	.globl keel_boot_base
keel_boot_base:
boot_base:

/* 64-bit entry: %rsi = boot_params, or a hvm_start_info (told by magic).
 * Memory below 1 GiB is mapped to itself. */
	.code64
	.globl keel_entry64
keel_entry64:
	cli
	cld
	mov %esi,%ebx
	lea keel_image_end+BOOT_STACK_TOP(%rip),%rsp
	lgdt boot_gdt_ptr(%rip)
	push $BOOT_CS32
	lea 1f(%rip),%rax
	push %rax
	lretq
	.code32
1:	mov %cr0,%eax
	and $0x7fffffff,%eax
	mov %eax,%cr0

/* PVH entry (xen/include/public/arch-x86/hvm/start_info.h): 32 bits, no
 * paging, %ebx = physical address of hvm_start_info. */
	.globl keel_entry_pvh
keel_entry_pvh:
	cli
	cld
	mov $(keel_image_end - boot_base),%edx
	add $BOOT_BASE,%edx
	mov %edx,%edi
	xor %eax,%eax
	mov $(8192 / 4),%ecx
	rep stosl
	mov $(PTE_P | PTE_W | PTE_PS),%al
	mov $512,%ecx
1:	mov %eax,(%edi)
	movl $0,4(%edi)
	add $(2 << 20),%eax
	add $8,%edi
	loop 1b
	lea 0x1000 + PTE_P + PTE_W(%edx),%eax
	mov %eax,(%edx)
	lea 0x2000 + PTE_P + PTE_W(%edx),%eax
	mov %eax,0x1000(%edx)

	mov $CR4_PAE,%eax
	mov %eax,%cr4
	mov %edx,%cr3
	mov $MSR_EFER,%ecx
	rdmsr
	or $(EFER_LME | EFER_NXE),%eax
	wrmsr
	mov $(CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE),%eax
	mov %eax,%cr0
	lgdt AT(boot_gdt_ptr)
	ljmp $BOOT_CS64,$AT(1f)
	.code64
1:	mov $BOOT_DS,%eax
	mov %eax,%ds
	mov %eax,%es
	mov %eax,%ss
	xor %ebp,%ebp
	mov %ebp,%fs
	mov %ebp,%gs
	lea keel_image_end+BOOT_STACK_TOP(%rip),%rsp
	mov %ebx,%edi
	call boot_early

	.balign 8
boot_gdt:
	.quad 0
	.quad 0x00af9b000000ffff
	.quad 0x00cf93000000ffff
	.quad 0x00cf9b000000ffff
boot_gdt_ptr:
	.word . - boot_gdt - 1
	.quad AT(boot_gdt)

/* boot_jump(target, stack): goes on there, for good. */
	.section .text.boot_jump,"ax",@progbits
	.globl boot_jump
	.type boot_jump,@function
boot_jump:
	mov %rsi,%rsp
	xor %ebp,%ebp
	push %rbp
	jmp *%rdi
	.size boot_jump,.-boot_jump

	.section .note.GNU-stack,"",@progbits

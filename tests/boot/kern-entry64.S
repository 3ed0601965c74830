/* SPDX-License-Identifier: Apache-2.0 */
/* A loader of the 64-bit Linux boot protocol, as Firecracker is one: a PVH
 * kernel at 16 MiB that enters another, loaded beside it, with boot_params. */
	.section .note.pvh,"a",@note
	.long 4,4,18
	.asciz "Xen"
	.long start
	.text
	.code32
	.globl start
start:	mov $tables,%edi
	mov $(tables + 0x1003),%eax
	mov %eax,(%edi)
	mov $(tables + 0x2003),%eax
	mov %eax,0x1000(%edi)
	mov $0x83,%eax
	mov $512,%ecx
1:	mov %eax,0x2000(%edi)
	add $0x200000,%eax
	add $8,%edi
	loop 1b
	mov $0x20,%eax
	mov %eax,%cr4
	mov $tables,%eax
	mov %eax,%cr3
	mov $0xc0000080,%ecx
	rdmsr
	or $0x100,%eax
	wrmsr
	mov %cr0,%eax
	or $0x80000001,%eax
	mov %eax,%cr0
	lgdt gdt_ptr
	ljmp $8,$1f
	.code64
1:	mov $params,%esi
	mov 0x100018,%rax	/* e_entry of the ELF header at 1 MiB */
	jmp *%rax

	.balign 8
gdt:	.quad 0, 0x00af9b000000ffff
gdt_ptr: .word . - gdt - 1
	.long gdt

	.balign 4096
params:	.fill 0x1e8,1,0
	.byte 2			/* e820 entries */
	.fill 0x228 - 0x1e9,1,0
	.long cmdline
	.fill 0x2d0 - 0x22c,1,0
	.quad 0, 0x9fc00
	.long 1
	.quad 0x100000, 0x3f00000
	.long 1
	.fill 4096 - 0x2d0 - 40,1,0
cmdline: .asciz "quiet"
	.bss
	.balign 4096
tables:	.skip 0x3000

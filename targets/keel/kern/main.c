/* SPDX-License-Identifier: Apache-2.0 */
/* The order of boot. */
#include "kern/main.h"
#include "arch/arch.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/start.h"
#include "drivers/console.h"
#include "drivers/virtio.h"
#include "fs/file.h"
#include "kern/log.h"
#include "mm/page.h"
#include "mm/vma.h"
#include "plat/apic.h"

/* Weak: steps that only some programs need. Calls of the program bring in
 * what they stand on; a weak reference brings in nothing. */
weak void cmdline_to_record(void); /* kern/cmdline.h */
weak void vfs_init(void);          /* fs/boot.h */
weak void fd_init(void);
weak void net_init(void); /* net/net.h */
weak void net_start(void);

static void run(void)
{
	if (cmdline_to_record)
		cmdline_to_record(); /* arguments, before who reads them */
	apic_init();                 /* interrupts, all off; needs mappings */
	if (net_init)
		net_init(); /* the network, before its cards */
	virtio_init();      /* devices, before what stands on them */
	console_init();     /* standard streams, and the exit status */
	if (vfs_init)
		vfs_init(); /* the root file system */
	if (fd_init)
		fd_init(); /* descriptors 0, 1, 2 */
	if (net_start)
		net_start(); /* addresses, after files */
	process_start();     /* stack, arguments, _start */
}

void kern_main(void)
{
	cpu_init();    /* segments, traps: faults are told from here on */
	page_init();   /* physical pages */
	paging_init(); /* rights of the image; the identity map goes */
	vma_init();    /* the program's address space */
	boot_jump((uint64_t)run, cpu_map_stacks()); /* guarded stacks */
}

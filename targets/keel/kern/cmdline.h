/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of engines that start the kernel as they start Linux. */
#ifndef KERN_CMDLINE_H
#define KERN_CMDLINE_H

#include "kern/types.h"

/*
 * Without a record from fw_cfg: what the loader's command line says becomes
 * a boot record, the built-in one with these words in the place of its own:
 *   init=ARG0 ... -- ARG...   arguments; one with a space is in '...'. If
 *                             init= is there, words K=V that are none of
 *                             Linux's own are the environment
 *   ip=CLIENT:SERVER:GATEWAY:MASK:HOST:DEVICE:HOW
 *                             the first card's address, or DHCP; the gateway
 *                             may lie outside of the network
 *   URUNIT_CONFIG=...         environment and working directory come in the
 *                             initrd (boot_initrd_pa): lines between
 *                             UES and UEE, UCS and UCE; ARG0 is then the
 *                             first word after "--"
 * (linux Documentation/admin-guide/kernel-parameters.txt, nfsroot.rst; the
 * last is urunc's.) Words of devices (virtio_mmio.device=) are never arguments:
 * QEMU's microvm adds them at the end. Needs memory, comes before all that
 * reads the record. Network, files, and lib/toolchain/relink.c bring it in.
 */
void cmdline_to_record(void);

#endif

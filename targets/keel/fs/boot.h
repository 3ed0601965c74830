/* SPDX-License-Identifier: Apache-2.0 */
/* The tree at boot: root, mounts, generated files, the boot record's. */
#ifndef FS_BOOT_H
#define FS_BOOT_H

/* Called by kern/main.c when it is linked in, after the drivers. A root
 * that cannot be read ends the machine with a message. */
void vfs_init(void);

/* fs/etc.c: files of /etc that are not there yet, then those that the boot
 * record brings. */
int etc_make(void);
int etc_record_files(void);

#endif

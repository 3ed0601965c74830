/* SPDX-License-Identifier: Apache-2.0 */
/* The system call that ends or restarts the machine. */
#include "drivers/console.h"
#include "kern/log.h"
#include "plat/power.h"
#include "sys/proto.h"

#include <linux/errno.h>
#include <linux/reboot.h>

long do_reboot(long magic, long magic2, long cmd, long arg)
{
	(void)arg;
	if ((unsigned)magic != LINUX_REBOOT_MAGIC1 ||
		((unsigned)magic2 != LINUX_REBOOT_MAGIC2 &&
			(unsigned)magic2 != LINUX_REBOOT_MAGIC2A &&
			(unsigned)magic2 != LINUX_REBOOT_MAGIC2B &&
			(unsigned)magic2 != LINUX_REBOOT_MAGIC2C))
		return -EINVAL;
	switch ((unsigned)cmd) {
	case LINUX_REBOOT_CMD_RESTART:
		console_flush();
		power_reset();
	case LINUX_REBOOT_CMD_HALT:
	case LINUX_REBOOT_CMD_POWER_OFF:
		machine_exit(0);
	}
	return -EINVAL;
}

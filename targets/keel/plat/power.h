/* SPDX-License-Identifier: Apache-2.0 */
/* The end of the machine. */
#ifndef PLAT_POWER_H
#define PLAT_POWER_H

#include "kern/types.h"

/* By ACPI if the machine has it, else the ports of QEMU's machines, else a
 * reset: monitors are run so that a reset ends them too. */
noreturn void power_off(void);

#endif

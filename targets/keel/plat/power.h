/* SPDX-License-Identifier: Apache-2.0 */
/* The end of the machine. */
#ifndef PLAT_POWER_H
#define PLAT_POWER_H

#include "kern/types.h"

/* By ACPI if the machine has it, else a reset: monitors are run so that
 * this ends them too. */
noreturn void power_off(void);
/* By the keyboard controller or a triple fault. Works at any time. */
noreturn void power_reset(void);

#endif

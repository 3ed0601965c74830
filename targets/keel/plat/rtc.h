/* SPDX-License-Identifier: Apache-2.0 */
/* The real-time clock of the PC. */
#ifndef PLAT_RTC_H
#define PLAT_RTC_H

#include "kern/types.h"

uint64_t rtc_read(void); /* seconds since the epoch */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* An atomic change of a word of the program, faults caught. */
#include <asm/errno.h>

#include "arch/arch.h"
#include "mm/uaccess.h"

int swap_user(uint32_t *user_dst, uint32_t *old, uint32_t new)
{
	uint64_t va = (uint64_t)user_dst;

	if (va < ARCH_USER_MIN || va > ARCH_USER_MAX - sizeof(*user_dst) ||
		arch_swap_user(user_dst, old, new))
		return -EFAULT;
	return 0;
}

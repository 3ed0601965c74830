/* SPDX-License-Identifier: Apache-2.0 */
/* The program's memory, touched with faults caught. */
#include "mm/uaccess.h"

#include <asm/errno.h>

#include "arch/arch.h"
#include "kern/string.h"
#include "mm/page.h"

/* The program's half, which its image is part of. Neither the direct map nor
 * registers of devices. */
static bool in_range(const void *p, size_t n)
{
	uint64_t va = (uint64_t)p;

	return va >= ARCH_USER_MIN && va <= ARCH_USER_MAX &&
	       n <= ARCH_USER_MAX - va;
}

int copy_from_user(void *dst, const void *user_src, size_t n)
{
	if (!n)
		return 0;
	if (!in_range(user_src, n) || arch_copy_user(dst, user_src, n))
		return -EFAULT;
	return 0;
}

int copy_to_user(void *user_dst, const void *src, size_t n)
{
	if (!n)
		return 0;
	if (!in_range(user_dst, n) || arch_copy_user(user_dst, src, n))
		return -EFAULT;
	return 0;
}

int zero_user(void *user_dst, size_t n)
{
	static const char zeros[256];
	char *p = user_dst;

	while (n) {
		size_t part = MIN(n, sizeof(zeros));

		if (copy_to_user(p, zeros, part))
			return -EFAULT;
		p += part;
		n -= part;
	}
	return 0;
}

long strncpy_from_user(char *dst, const char *user_src, size_t size)
{
	size_t done = 0;

	while (done < size) {
		const char *src = user_src + done;
		size_t page = PAGE_SIZE - ((uint64_t)src & (PAGE_SIZE - 1));
		size_t part = MIN(MIN(size - done, page), 64UL);
		const char *nul;

		if (copy_from_user(dst + done, src, part))
			return -EFAULT;
		nul = memchr(dst + done, 0, part);
		if (nul)
			return nul - dst;
		done += part;
	}
	return -ENAMETOOLONG;
}

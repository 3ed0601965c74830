/* SPDX-License-Identifier: Apache-2.0 */
/* System calls: mlock and its family. What is backed is never taken away, so
 * that locking is to back all of the range now, and unlocking is nothing. */
#include <asm/errno.h>
#include <asm/mman.h>
#include <linux/mman.h>

#include "arch/arch.h"
#include "mm/page.h"
#include "mm/vma.h"
#include "mm/vma_tree.h"
#include "sys/proto.h"

enum { ONFAULT = 1 }; /* MLOCK_ONFAULT */

/* To whole pages; -EINVAL, -ENOMEM if part of it is not mapped. */
static long check(uint64_t *start, uint64_t *len)
{
	uint64_t end = *start + *len;
	long err;

	if (end < *start)
		return -EINVAL;
	*start = ALIGN_DOWN(*start, PAGE_SIZE);
	*len = end - *start;
	if (!vma_range_ok(*start, len))
		return -ENOMEM;
	mutex_lock(&vma_lock);
	err = vma_check_range(*start, *start + *len);
	mutex_unlock(&vma_lock);
	return err;
}

long do_mlock2(long addr, long n, long flags)
{
	uint64_t start = (uint64_t)addr, len = (uint64_t)n;
	long err;

	if ((int)flags & ~ONFAULT)
		return -EINVAL;
	err = check(&start, &len);
	if (err || flags & ONFAULT)
		return err;
	return vma_populate(start, len);
}

long do_mlock(long addr, long n)
{
	return do_mlock2(addr, n, 0);
}

long do_munlock(long addr, long n)
{
	uint64_t start = (uint64_t)addr, len = (uint64_t)n;

	return check(&start, &len);
}

long do_mlockall(long want)
{
	int flags = (int)want;
	struct vma_info v;
	uint64_t at = 0;

	if (!flags || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) ||
		flags == MCL_ONFAULT)
		return -EINVAL;
	if (flags & MCL_ONFAULT)
		return 0;
	if (flags & MCL_FUTURE)
		return -EINVAL;
	for (; !vma_next(at, &v); at = v.end)
		if (vma_populate(v.start, v.end - v.start))
			return -ENOMEM;
	return 0;
}

long do_munlockall(void)
{
	return 0;
}

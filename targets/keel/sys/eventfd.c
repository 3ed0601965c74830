/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls of eventfd. */
#include <asm/errno.h>
#include <linux/fcntl.h>

#include "fs/anon.h"
#include "fs/eventfd.h"
#include "sys/proto.h"

enum { EFD_SEMAPHORE = 1 };

long do_eventfd2(long count, long flags)
{
	if ((int)flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	return anon_install(
		eventfd_new((uint32_t)count, (int)flags & O_NONBLOCK,
			(int)flags & EFD_SEMAPHORE ? EVENTFD_COUNTS_DOWN : 0),
		(int)flags & O_CLOEXEC);
}

long do_eventfd(long count)
{
	return do_eventfd2(count, 0);
}

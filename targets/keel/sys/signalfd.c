/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls of signalfd. */
#include "fs/signalfd.h"

#include <linux/errno.h>
#include <linux/fcntl.h>

#include "fs/anon.h"
#include "fs/file.h"
#include "mm/uaccess.h"
#include "sys/proto.h"

long do_signalfd4(long fd, long umask, long size, long flags)
{
	uint64_t mask;
	struct file *f;
	long r;

	if (size != sizeof(mask))
		return -EINVAL;
	if (copy_from_user(&mask, (const void *)umask, sizeof(mask)))
		return -EFAULT;
	if ((int)flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	if ((int)fd == -1)
		return anon_install(signalfd_new(mask, flags & O_NONBLOCK),
			flags & O_CLOEXEC);
	f = fd_get((int)fd);
	if (!f)
		return -EBADF;
	r = signalfd_set(f, mask);
	file_put(f);
	return r ? r : fd;
}

long do_signalfd(long fd, long umask, long size)
{
	return do_signalfd4(fd, umask, size, 0);
}

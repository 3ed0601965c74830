/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that make pipes. */
#include "fs/pipe.h"

#include <asm/errno.h>
#include <linux/fcntl.h>

#include "fs/file.h"
#include "mm/uaccess.h"
#include "sys/proto.h"

long do_pipe2(long ufds, long flags)
{
	bool cloexec = (int)flags & O_CLOEXEC;
	struct file *end[2];
	int fd[2], err;

	/* Not the packets of O_DIRECT. */
	if ((int)flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	err = pipe_new((int)flags & O_NONBLOCK, &end[0], &end[1]);
	if (err)
		return err;
	fd[0] = fd_install(end[0], 0, cloexec);
	if (fd[0] < 0) {
		err = fd[0];
		goto out_ends;
	}
	fd[1] = fd_install(end[1], 0, cloexec);
	if (fd[1] < 0) {
		err = fd[1];
		fd_close(fd[0]);
		goto out_write;
	}
	if (!copy_to_user((void *)ufds, fd, sizeof(fd)))
		return 0;
	fd_close(fd[0]);
	fd_close(fd[1]);
	return -EFAULT;
out_ends:
	file_put(end[0]);
out_write:
	file_put(end[1]);
	return err;
}

long do_pipe(long ufds)
{
	return do_pipe2(ufds, 0);
}

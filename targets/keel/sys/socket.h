/* SPDX-License-Identifier: Apache-2.0 */
/* What system calls on sockets share. */
#ifndef SYS_SOCKET_H
#define SYS_SOCKET_H

#include "net/socket.h"

/* An address of the program's, zeros behind it; -EINVAL, -EFAULT. */
int sockaddr_get(struct sockaddr_storage *a, long uaddr, long len);
/* An address to the program, cut to its room; the full length to *ulen. */
int sockaddr_put(
	const struct sockaddr_storage *a, int len, long uaddr, long ulen);

#endif

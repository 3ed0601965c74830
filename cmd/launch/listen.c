/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into QEMU: its user network listens with room for one peer. */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * libslirp asks for a queue of one connection, so that of a burst of clients
 * most would wait for a second. The queue's real limit is the guest's.
 */
enum { QUEUE = 4096 };

int listen(int fd, int backlog)
{
	return (int)syscall(SYS_listen, fd, backlog < QUEUE ? QUEUE : backlog);
}

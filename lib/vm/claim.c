/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes that one machine at a time may have. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "vm/volume.h"

enum { TRY_MS = 50 };

static int try_lock(int fd, int how)
{
	const struct timespec pause = {0, TRY_MS * 1000000L};

	for (int ms = 0; flock(fd, how | LOCK_NB) < 0; ms += TRY_MS) {
		if (errno != EINTR && errno != EWOULDBLOCK)
			return -1;
		if (ms >= VM_CLAIM_MS) {
			errno = EWOULDBLOCK;
			return -1;
		}
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* The descriptor is not closed on exec: QEMU is to have it. */
static int claim(struct vm_volume *v, struct err *e)
{
	int fd = open(v->host, O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return err_errno(e, "volume %s", v->guest);
	if (try_lock(fd, v->read_only ? LOCK_SH : LOCK_EX) == 0) {
		v->claim = fd;
		return 0;
	}
	if (errno == EWOULDBLOCK)
		err_set(e, -EBUSY,
			"volume %s: another machine has it, and the program "
			"can use it only alone",
			v->guest);
	else
		err_errno(e, "volume %s: lock the folder", v->guest);
	close(fd);
	return e->code;
}

int vm_volumes_claim(
	struct vm_volumes *l, const struct strv *exclusive, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < l->n && r == 0; i++)
		for (size_t j = 0; j < exclusive->n && r == 0; j++)
			if (l->v[i].kind == VM_VOLUME_FOLDER &&
				!strcmp(l->v[i].guest, exclusive->v[j]))
				r = claim(&l->v[i], e);
	return r;
}

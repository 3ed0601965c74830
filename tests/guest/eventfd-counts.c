/* SPDX-License-Identifier: Apache-2.0 */
/* eventfd: counting, limits, readiness. */
#include "file-tap.h"

#include <inttypes.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

static int ready(int fd)
{
	struct pollfd p = {
		.fd = fd, .events = POLLIN | POLLOUT | POLLRDNORM | POLLPRI};

	poll(&p, 1, 0);
	return p.revents;
}

static void numbers(int e)
{
	char buf[64];
	uint64_t v = 5;

	CALL(ready(e));
	CALL(read(e, &v, 8));
	CALL(read(e, &v, 7));
	CALL(write(e, &v, 7));
	CALL(write(e, &v, 8));
	CALL(write(e, &v, 8));
	CALL(ready(e));
	CALL(read(e, (void *)16, 8));
	CALL(write(e, (void *)16, 8));
	CALL(write(e, &v, 8));
	CALL(read(e, buf, 64));
	memcpy(&v, buf, 8);
	CALL(v);
	CALL(ready(e));
	v = UINT64_MAX;
	CALL(write(e, &v, 8));
	v = UINT64_MAX - 2;
	CALL(write(e, &v, 8));
	CALL(ready(e));
	v = 1;
	CALL(write(e, &v, 8));
	CALL(ready(e));
	CALL(write(e, &v, 8));
	v = 0;
	CALL(write(e, &v, 8));
	CALL(read(e, &v, 8));
	printf("# %" PRIu64 "\n", v);
	CALL(lseek(e, 3, SEEK_SET));
	CALL(pread(e, &v, 8, 0));
	CALL(pwrite(e, &v, 8, 0));
	CALL(ftruncate(e, 3));
	CALL(close(e));
}

static void names(int e)
{
	char path[64], text[64];
	struct stat st;
	long n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", e);
	n = readlink(path, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = 0;
	printf("# %s\n", text);
	CALL(fstat(e, &st));
	CALL(st.st_mode);
	CALL(st.st_size);
	CALL(st.st_nlink);
	CALL(fcntl(e, F_GETFL));
	CALL(fcntl(e, F_GETFD));
	CALL(fsync(e));
}

int main(void)
{
	uint64_t v;
	int e;

	CALL(eventfd(0, 12345));
	OPEN(e = syscall(SYS_eventfd, 7));
	names(e);
	CALL(read(e, &v, 8));
	CALL(v);
	CALL(fcntl(e, F_SETFL, O_NONBLOCK));
	CALL(read(e, &v, 8));
	CALL(close(e));
	OPEN(e = eventfd(0, EFD_NONBLOCK));
	numbers(e);
	OPEN(e = eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE | EFD_CLOEXEC));
	names(e);
	CALL(read(e, &v, 8));
	CALL(v);
	CALL(read(e, &v, 8));
	CALL(read(e, &v, 8));
	CALL(close(e));
	OPEN(e = eventfd(0, EFD_NONBLOCK | EFD_SEMAPHORE));
	numbers(e);
	return tap_done();
}

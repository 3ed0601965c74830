/* SPDX-License-Identifier: Apache-2.0 */
/* getrandom(2), getentropy(3) and the random devices. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#ifndef GRND_INSECURE
#define GRND_INSECURE 4
#endif

static unsigned ntests;

static void ok(int good, const char *name)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++ntests, name);
}

static int fails(ssize_t r, int err)
{
	return r == -1 && errno == err;
}

static int device_differs(const char *path)
{
	unsigned char a[32], b[32];
	int fd = open(path, O_RDONLY);
	int good = fd >= 0 && read(fd, a, 32) == 32 && read(fd, b, 32) == 32 &&
		   memcmp(a, b, 32);

	if (fd >= 0)
		close(fd);
	return good;
}

/* Every byte of a large buffer is written: none stays zero 4 times. */
static int fills(size_t n)
{
	unsigned char *p = malloc(n), *seen = calloc(1, n);
	size_t at, missing = 0;
	int good = p && seen;

	for (int round = 0; good && round < 4; round++) {
		memset(p, 0, n);
		for (at = 0; at < n;) {
			ssize_t r = getrandom(p + at, n - at, 0);

			if (r <= 0) {
				good = 0;
				break;
			}
			at += r;
		}
		for (at = 0; at < n; at++)
			seen[at] |= p[at];
	}
	for (at = 0; good && at < n; at++)
		missing += !seen[at];
	free(p);
	free(seen);
	return good && missing == 0;
}

int main(void)
{
	static const unsigned bad[] = {8, 16, 0x80000000u, 6, 7};
	unsigned char a[300], b[64];
	void *volatile bad_pointer = (void *)8;
	int good = 1;

	setvbuf(stdout, NULL, _IOLBF, 0);
	ok(getrandom(a, 0, 0) == 0, "0 bytes");
	ok(getrandom(a, 1, 0) == 1, "1 byte");
	ok(getrandom(a, 64, 0) == 64 && getrandom(b, 64, 0) == 64 &&
			memcmp(a, b, 64),
		"two calls differ");
	ok(getrandom(a, 16, GRND_NONBLOCK) == 16, "GRND_NONBLOCK");
	ok(getrandom(a, 16, GRND_RANDOM) == 16, "GRND_RANDOM");
	ok(getrandom(a, 16, GRND_INSECURE) == 16, "GRND_INSECURE");
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		good &= fails(getrandom(a, 16, bad[i]), EINVAL);
	ok(good, "unknown and contradicting flags are EINVAL");
	ok(fails(getrandom(bad_pointer, 16, 0), EFAULT),
		"a bad pointer is EFAULT");
	ok(fills(100000), "a large buffer is filled");
	ok(getentropy(a, 256) == 0, "getentropy");
	ok(fails(getentropy(a, 257), EIO), "getentropy of 257 bytes is EIO");
	ok(device_differs("/dev/urandom"), "/dev/urandom");
	ok(device_differs("/dev/random"), "/dev/random");
	printf("1..%u\n", ntests);
	return 0;
}

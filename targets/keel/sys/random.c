/* SPDX-License-Identifier: Apache-2.0 */
/* getrandom(2). */
#include <asm/errno.h>
#include <linux/random.h>

#include "drivers/random.h"
#include "kern/signal.h"
#include "mm/uaccess.h"
#include "sys/proto.h"

/* As Linux: a call gives at most this many bytes. */
enum { MOST = 0x7fffffff & ~0xfff, PIECE = 256 };

/* The generator is seeded before the program runs, so that no flag makes a
 * difference; but a flag that Linux refuses is refused. */
long do_getrandom(long ubuf, long size, long uflags)
{
	size_t n = MIN((size_t)size, (size_t)MOST), done, part;
	unsigned flags = uflags;
	uint8_t piece[PIECE];

	if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	if ((flags & GRND_RANDOM) && (flags & GRND_INSECURE))
		return -EINVAL;
	for (done = 0; done < n; done += part) {
		if (done && signal_pending())
			break;
		part = MIN(n - done, sizeof(piece));
		random_bytes(piece, part);
		if (copy_to_user((char *)ubuf + done, piece, part))
			return done ? (long)done : -EFAULT;
	}
	return done;
}

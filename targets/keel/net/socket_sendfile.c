/* SPDX-License-Identifier: Apache-2.0 */
/* sendfile(2) into sockets: pages of the page cache, as they are. */
#include <asm/errno.h>
#include <linux/fcntl.h>

#include "fs/file.h"
#include "fs/inode.h"
#include "fs/pagecache.h"
#include "mm/page.h"
#include "net/socket.h"

/* One page, or what is left of it. */
static long send_page(struct socket *s, struct inode *ino, uint64_t pos,
	uint64_t n, unsigned flags)
{
	unsigned at = (unsigned)(pos & ~PAGE_MASK);
	uint64_t part = MIN(n, PAGE_SIZE - at);
	struct page *p;
	long r;

	r = pagecache_read(ino, pos >> PAGE_SHIFT,
		(at + n + PAGE_SIZE - 1) >> PAGE_SHIFT, false, &p);
	if (r)
		return r;
	if (part < n)
		flags |= MSG_NOTLAST;
	r = s->ops->sendpage(s, p, at, part, flags);
	page_put(p);
	return r;
}

bool socket_takes_pages(struct file *out)
{
	struct socket *s = socket_of(out);

	return s && s->ops->sendpage;
}

long socket_send_file(
	struct file *out, struct inode *ino, uint64_t *pos, size_t n)
{
	unsigned flags = out->flags & O_NONBLOCK ? MSG_DONTWAIT : 0;
	struct socket *s = socket_of(out);
	size_t done = 0;
	long r = 0;

	while (done < n && *pos < ino->size) {
		uint64_t left = MIN(n - done, ino->size - *pos);

		r = send_page(s, ino, *pos, left, flags);
		if (r <= 0)
			break;
		done += r;
		*pos += r;
	}
	return done ? (long)done : r;
}

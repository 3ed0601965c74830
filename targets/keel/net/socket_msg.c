/* SPDX-License-Identifier: Apache-2.0 */
/* Data and control data of messages between the program and keel. */
#include <asm/errno.h>

#include "kern/string.h"
#include "mm/kmalloc.h"
#include "mm/uaccess.h"
#include "net/socket.h"
#include "net/socket_vec.h"

/* Linux's MAX_RW_COUNT: the most that one call moves. */
#define MOVE_MAX 0x7ffff000UL

void msg_single(struct socket_msg *m, uint64_t buf, size_t n, unsigned flags)
{
	m->one.iov_base = (void *)buf;
	m->one.iov_len = m->left = MIN(n, MOVE_MAX);
	m->v = &m->one;
	m->skip = 0;
	m->flags = flags;
}

int vec_import(
	struct user_vec *vec, struct socket_msg *m, uint64_t uvec, size_t n)
{
	struct iovec *v = vec->fast;
	size_t total = 0;

	vec->heap = NULL;
	if (n > ARRAY_SIZE(vec->fast)) {
		v = vec->heap = kmalloc(n * sizeof(*v));
		if (!v)
			return -ENOMEM;
	}
	if (copy_from_user(v, (const void *)uvec, n * sizeof(*v))) {
		kfree(vec->heap);
		return -EFAULT;
	}
	for (size_t i = 0; i < n; i++) {
		if ((int64_t)v[i].iov_len < 0) {
			kfree(vec->heap);
			return -EINVAL;
		}
		v[i].iov_len = MIN(v[i].iov_len, MOVE_MAX - total);
		total += v[i].iov_len;
	}
	m->v = v;
	m->skip = 0;
	m->left = total;
	return 0;
}

void vec_free(struct user_vec *vec)
{
	kfree(vec->heap);
}

void msg_advance(struct socket_msg *m, size_t n)
{
	m->left -= n;
	n += m->skip;
	while (m->left && n >= m->v->iov_len)
		n -= (m->v++)->iov_len;
	m->skip = n;
}

/* The rest of a copy that goes over more than one buffer. */
static int copy_over(
	const struct iovec *v, size_t skip, char *p, size_t n, bool to_user)
{
	while (n) {
		size_t part = MIN(n, v->iov_len - skip);
		char *u = (char *)v->iov_base + skip;

		if (to_user ? copy_to_user(u, p, part)
			    : copy_from_user(p, u, part))
			return -EFAULT;
		p += part;
		n -= part;
		skip = 0;
		v++;
	}
	return 0;
}

int msg_copy_from(struct socket_msg *m, void *dst, size_t n)
{
	int err = copy_over(m->v, m->skip, dst, n, false);

	if (!err)
		msg_advance(m, n);
	return err;
}

int msg_copy_to(struct socket_msg *m, const void *src, size_t n)
{
	int err = copy_over(m->v, m->skip, (char *)(uintptr_t)src, n, true);

	if (!err)
		msg_advance(m, n);
	return err;
}

int msg_peek_from(const struct socket_msg *m, size_t skip, void *dst, size_t n)
{
	const struct iovec *v = m->v;

	if (!n)
		return 0;
	skip += m->skip;
	while (skip >= v->iov_len)
		skip -= (v++)->iov_len;
	return copy_over(v, skip, dst, n, false);
}

/* --- control data ------------------------------------------------------*/

#define CONTROL_ALIGN(n) ALIGN_UP((n), sizeof(uint64_t))

struct cmsghdr *msg_control_next(
	const struct socket_msg *m, struct cmsghdr *at, int *err)
{
	char *end = m->control + m->control_len;
	char *p = m->control;

	if (at)
		p = (char *)at + CONTROL_ALIGN(at->len);
	if (p > end || (size_t)(end - p) < CMSG_HEADER)
		return NULL;
	at = (struct cmsghdr *)p;
	if (at->len < CMSG_HEADER || at->len > (size_t)(end - p)) {
		*err = -EINVAL;
		return NULL;
	}
	return at;
}

int msg_put_control(
	struct socket_msg *m, int level, int type, const void *data, size_t len)
{
	struct cmsghdr h = {CMSG_HEADER + len, level, type};
	size_t room = m->ucontrol_len - m->ucontrol_used, step;
	char *to = (char *)(m->ucontrol + m->ucontrol_used);

	if (room < CMSG_HEADER) {
		m->out_flags |= MSG_CTRUNC;
		return 0;
	}
	if (room < h.len) {
		m->out_flags |= MSG_CTRUNC;
		h.len = room;
	}
	if (copy_to_user(to, &h, CMSG_HEADER) ||
		copy_to_user(to + CMSG_HEADER, data, h.len - CMSG_HEADER))
		return -EFAULT;
	step = CONTROL_ALIGN(CMSG_HEADER + len);
	m->ucontrol_used += MIN(step, room);
	return 0;
}

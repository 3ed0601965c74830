/* SPDX-License-Identifier: Apache-2.0 */
/* Locks that a thread holds when it ends (Documentation/locking/
 * robust-futex-ABI.rst of Linux). */
#include "mm/uaccess.h"
#include "sys/futex.h"

#include <linux/errno.h>
#include <linux/futex.h>

/* A lock of the ended thread becomes FUTEX_OWNER_DIED. `pending`: it was
 * just about to be taken or given back. False: no memory there. */
static bool release(uint64_t va, bool pi, bool pending, uint32_t tid)
{
	uint32_t v, was;

	if (va & 3 || copy_from_user(&v, (const void *)va, sizeof(v)))
		return false;
	do {
		if (pending && !pi && !v) {
			futex_wake(va, 1); /* given back, nobody told */
			return true;
		}
		if ((v & FUTEX_TID_MASK) != tid)
			return true;
		was = v;
		if (swap_user((uint32_t *)va, &v,
			    (v & FUTEX_WAITERS) | FUTEX_OWNER_DIED))
			return false;
	} while (v != was);
	if (!pi && v & FUTEX_WAITERS)
		futex_wake(va, 1);
	return true;
}

/* The lowest bit of a link tells a lock with priority inheritance. */
static bool get_link(uint64_t va, uint64_t *link, bool *pi)
{
	if (copy_from_user(link, (const void *)va, sizeof(*link)))
		return false;
	*pi = *link & 1;
	*link &= ~1UL;
	return true;
}

void futex_release(uint64_t robust_list, int tid)
{
	struct robust_list_head head;
	uint64_t at, next, pending;
	bool pi, next_pi = false, pending_pi;
	int left = ROBUST_LIST_LIMIT;

	if (copy_from_user(&head, (const void *)robust_list, sizeof(head)) ||
		!get_link(robust_list, &at, &pi))
		return;
	pending = (uint64_t)head.list_op_pending & ~1UL;
	pending_pi = (uint64_t)head.list_op_pending & 1;
	while (at != robust_list && left--) {
		/* The lock's memory may go once it is released. */
		bool more = get_link(at, &next, &next_pi);

		if (at != pending &&
			!release(at + head.futex_offset, pi, false, tid))
			return;
		if (!more)
			return;
		at = next;
		pi = next_pi;
	}
	if (pending)
		release(pending + head.futex_offset, pending_pi, true, tid);
}

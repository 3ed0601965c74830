/* SPDX-License-Identifier: Apache-2.0 */
/* Sets user or group ids in all threads by the given call. */
#include <signal.h>

#include "libc.h"
#include "syscall.h"

struct setxid {
	keel_fn *fn;
	int id, eid, sid;
	long ret; /* positive until the first thread has answered */
};

static void set_one(void *p)
{
	struct setxid *s = p;
	long r;

	if (s->ret < 0)
		return;
	r = s->fn(s->id, s->eid, s->sid, 0, 0, 0);
	if (r && !s->ret) {
		/* Some threads have changed and one has not: the process
		 * must not go on with ids that differ. */
		__block_all_sigs(0);
		__syscall(SYS_kill, __syscall(SYS_getpid), SIGKILL);
	}
	s->ret = r;
}

int keel_setxid(keel_fn *fn, int id, int eid, int sid)
{
	struct setxid s = {fn, id, eid, sid, 1};

	__synccall(set_one, &s);
	return __syscall_ret(s.ret);
}

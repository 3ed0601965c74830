/* SPDX-License-Identifier: Apache-2.0 */
/* System calls about the process: its end, its ids, its limits. */
#include "arch/arch.h"
#include "kern/log.h"
#include "sched/thread.h"
#include "sys/proto.h"

#include <asm/prctl.h>
#include <linux/errno.h>

long do_exit_group(long status)
{
	machine_exit(status & 0xff);
}

/* Of the only thread: the process ends. */
long do_exit(long status)
{
	machine_exit(status & 0xff);
}

long do_set_tid_address(long va)
{
	struct thread *t = thread_this();

	t->clear_tid = va;
	return t->tid;
}

long do_arch_prctl(long code, long va)
{
	if (code != ARCH_SET_FS)
		return -EINVAL;
	if ((unsigned long)va >= ARCH_USER_MAX)
		return -EPERM;
	arch_set_tls(va);
	return 0;
}

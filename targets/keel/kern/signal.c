/* SPDX-License-Identifier: Apache-2.0 */
/* Signals: default actions, ignoring, blocking. */
#include "kern/signal.h"
#include "arch/arch.h"
#include "kern/log.h"
#include "sched/thread.h"
#include "sched/waitq.h"

bool signal_pending(void)
{
	return false;
}
void signal_deliver(void)
{
}
void signal_send_process(int sig)
{
	(void)sig;
}
void signal_fatal(int sig, int code, uint64_t addr, const struct trap_frame *f)
{
	kmsg("signal %d code %d addr %lx\n", sig, code, addr);
	(void)f;
	machine_exit(128 + sig);
}

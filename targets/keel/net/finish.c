/* SPDX-License-Identifier: Apache-2.0 */
/* The end of the program: what TCP has still to send gets some time. */
#include "net/finish.h"

#include "lwip/priv/tcp_priv.h"

#include "arch/arch.h"
#include "drivers/console.h"
#include "fs/file.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "kern/time.h"
#include "net/inet_tcp.h"
#include "net/net.h"
#include "net/tcp_table.h"
#include "sched/timer.h"
#include "sched/work.h"

#define TIME_NS     2000000000UL
#define LAUNCHER_NS 10000000000UL /* it takes 2 s at most */

static bool is_unfinished(struct tcp_pcb *pcb, void *arg)
{
	(void)arg;
	return pcb->state >= ESTABLISHED && (pcb->unsent || pcb->unacked);
}

static bool unfinished(void)
{
	bool any;

	net_lock();
	any = net_tcp_find(is_unfinished, NULL);
	net_unlock();
	return any;
}

static void close_sockets(void)
{
	for (int fd = fd_next(0); fd >= 0; fd = fd_next(fd + 1)) {
		struct file *f = fd_get(fd);
		struct socket *s = f ? socket_of(f) : NULL;

		if (s && s->ops == &tcp_ops) {
			net_lock();
			tcp_finish(tcp_of(s));
			net_unlock();
		}
		file_put(f);
	}
}

static void ring(struct timer *t)
{
	(void)t;
}

/* Works only: no thread runs any more. */
static void work_for(uint64_t ns, bool (*more)(void))
{
	struct timer alarm = {.fn = ring};
	uint64_t end = clock_now() + ns;

	timer_start(&alarm, end);
	while (more() && clock_now() < end) {
		uint64_t irq = arch_irq_save();

		if (!work_run())
			arch_idle();
		arch_irq_restore(irq);
	}
	timer_stop(&alarm);
}

static bool always(void)
{
	return true;
}

void net_finish(int status)
{
	close_sockets();
	work_for(TIME_NS, unfinished);
	if (record_flags() & RECORD_F_CHANNEL) {
		console_exit(status);
		work_for(LAUNCHER_NS, always);
	}
}

/* Who has TCP has this; it is called from there. */
extern const char *const net_finish_links;
const char *const net_finish_links = &process_exit_linked;

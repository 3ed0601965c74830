/* SPDX-License-Identifier: Apache-2.0 */
/* Options of TCP sockets. What cannot be done is ENOPROTOOPT. */
#include <asm/errno.h>
#include <asm/socket.h>
#include <linux/in.h>
#include <linux/tcp.h>

#include "lwip/priv/tcp_priv.h"

#include "kern/string.h"
#include "mm/uaccess.h"
#include "net/inet_tcp.h"
#include "net/net.h"

enum { KEEP_TIME_MAX = 32767, KEEP_COUNT_MAX = 127, NAME_CC = 16 };

/* One of the numbers with limits; *field is what it sets. */
static int set_number(uint32_t *field, int v, int min, int max)
{
	if (v < min || v > max)
		return -EINVAL;
	*field = (uint32_t)v;
	return 0;
}

static void uncork(struct tcp *t, bool cork)
{
	t->corked = cork;
	if (!cork)
		tcp_release_held(t);
}

/* Under net_lock. */
static int set(struct tcp *t, int name, int v)
{
	switch (name) {
	case TCP_NODELAY:
		t->nodelay = v;
		tcp_apply(t);
		/* What waits for more goes now, as on Linux. */
		if (v && t->pcb && !t->corked && t->pcb->unsent)
			tcp_output(t->pcb);
		return 0;
	case TCP_CORK:
		uncork(t, v);
		return 0;
	case TCP_KEEPIDLE:
		return set_number(&t->keep_idle_s, v, 1, KEEP_TIME_MAX);
	case TCP_KEEPINTVL:
		return set_number(&t->keep_interval_s, v, 1, KEEP_TIME_MAX);
	case TCP_KEEPCNT:
		return set_number(&t->keep_count, v, 1, KEEP_COUNT_MAX);
	case TCP_USER_TIMEOUT:
		return set_number(&t->user_timeout_ms, v, 0, INT32_MAX);
	case TCP_QUICKACK:
		/* For once, as there; later packets are delayed again. */
		if (v && t->pcb && t->pcb->flags & TF_ACK_DELAY) {
			tcp_ack_now(t->pcb);
			tcp_output(t->pcb);
		}
		return 0;
	}
	return -ENOPROTOOPT;
}

/* The one way of congestion control that lwIP has. */
static int set_congestion(long uval, unsigned len)
{
	char name[NAME_CC] = "";

	if (len < 1)
		return -EINVAL;
	if (copy_from_user(name, (const void *)uval, MIN(len, NAME_CC - 1)))
		return -EFAULT;
	return strcmp(name, "reno") ? -ENOENT : 0;
}

int tcp_set_option(
	struct socket *s, int level, int name, long uval, unsigned len)
{
	struct tcp *t = tcp_of(s);
	int v, err;

	if (level == IPPROTO_IP || level == IPPROTO_IPV6)
		return inet_set_option(s, level, name, uval, len);
	if (level != IPPROTO_TCP)
		return -ENOPROTOOPT;
	if (name == TCP_CONGESTION)
		return set_congestion(uval, len);
	err = option_get_int(uval, len, &v);
	if (err)
		return err;
	net_lock();
	err = set(t, name, v);
	if (!err)
		tcp_apply(t);
	net_unlock();
	return err;
}

int tcp_option_changed(struct socket *s, int name)
{
	struct tcp *t = tcp_of(s);
	struct inet_port *p = t->inet.port;

	net_lock();
	if (p && name == SO_REUSEADDR)
		p->reuse = s->options & SOCKET_REUSEADDR;
	if (p && name == SO_REUSEPORT)
		p->reuseport = s->options & SOCKET_REUSEPORT;
	tcp_apply(t);
	net_unlock();
	return 0;
}

/* --- asking ------------------------------------------------------------*/

/* Linux's numbers of the states. */
enum {
	LINUX_ESTABLISHED = 1,
	LINUX_SYN_SENT,
	LINUX_SYN_RECV,
	LINUX_FIN_WAIT1,
	LINUX_FIN_WAIT2,
	LINUX_TIME_WAIT,
	LINUX_CLOSE,
	LINUX_CLOSE_WAIT,
	LINUX_LAST_ACK,
	LINUX_LISTEN,
	LINUX_CLOSING
};

static uint8_t state_of(const struct tcp *t)
{
	static const uint8_t states[] = {[CLOSED] = LINUX_CLOSE,
		[LISTEN] = LINUX_LISTEN,
		[SYN_SENT] = LINUX_SYN_SENT,
		[SYN_RCVD] = LINUX_SYN_RECV,
		[ESTABLISHED] = LINUX_ESTABLISHED,
		[FIN_WAIT_1] = LINUX_FIN_WAIT1,
		[FIN_WAIT_2] = LINUX_FIN_WAIT2,
		[CLOSE_WAIT] = LINUX_CLOSE_WAIT,
		[CLOSING] = LINUX_CLOSING,
		[LAST_ACK] = LINUX_LAST_ACK,
		[TIME_WAIT] = LINUX_CLOSE};

	if (t->progress == TCP_LISTENING)
		return LINUX_LISTEN;
	return t->pcb ? states[t->pcb->state] : LINUX_CLOSE;
}

/* What lwIP knows; times are in ticks there. */
static int get_info(const struct tcp *t, long uval, unsigned *len)
{
	const uint32_t tick_us = TCP_SLOW_INTERVAL * 1000;
	const struct tcp_pcb *pcb = t->pcb;
	struct tcp_info i;

	memset(&i, 0, sizeof(i));
	i.tcpi_state = state_of(t);
	if (t->progress == TCP_LISTENING) {
		i.tcpi_unacked = t->queued;
		i.tcpi_sacked = t->backlog;
	} else if (pcb) {
		i.tcpi_retransmits = pcb->nrtx;
		i.tcpi_probes = pcb->persist_probe;
		i.tcpi_backoff = pcb->nrtx;
		i.tcpi_options =
			pcb->flags & TF_WND_SCALE ? TCPI_OPT_WSCALE : 0;
		i.tcpi_snd_wscale = pcb->snd_scale & 15;
		i.tcpi_rcv_wscale = pcb->rcv_scale & 15;
		i.tcpi_rto = (uint32_t)pcb->rto * tick_us;
		i.tcpi_rtt = (uint32_t)(pcb->sa >> 3) * tick_us;
		i.tcpi_rttvar = (uint32_t)(pcb->sv >> 2) * tick_us;
		i.tcpi_snd_mss = i.tcpi_advmss = i.tcpi_rcv_mss = pcb->mss;
		i.tcpi_snd_ssthresh = pcb->ssthresh / pcb->mss;
		i.tcpi_snd_cwnd = pcb->cwnd / pcb->mss;
		i.tcpi_rcv_space = t->window;
		i.tcpi_notsent_bytes = tcp_unsent(t);
	}
	return option_put(uval, len, &i, sizeof(i));
}

static int get_number(const struct tcp *t, int name, int *v)
{
	switch (name) {
	case TCP_NODELAY:
		*v = t->nodelay;
		return 0;
	case TCP_CORK:
		*v = t->corked;
		return 0;
	case TCP_MAXSEG:
		*v = t->pcb && t->established ? t->pcb->mss : 536;
		return 0;
	case TCP_KEEPIDLE:
		*v = t->keep_idle_s ? (int)t->keep_idle_s : 7200;
		return 0;
	case TCP_KEEPINTVL:
		*v = t->keep_interval_s ? (int)t->keep_interval_s : 75;
		return 0;
	case TCP_KEEPCNT:
		*v = t->keep_count ? (int)t->keep_count : 9;
		return 0;
	case TCP_USER_TIMEOUT:
		*v = (int)t->user_timeout_ms;
		return 0;
	case TCP_QUICKACK:
		*v = 0;
		return 0;
	}
	return -ENOPROTOOPT;
}

int tcp_get_option(
	struct socket *s, int level, int name, long uval, unsigned *len)
{
	static const char congestion[NAME_CC] = "reno";
	const struct tcp *t = tcp_of(s);
	int v, err;

	if (level == SOL_SOCKET)
		return -ENOPROTOOPT; /* the generic ones are asked next */
	if (level != IPPROTO_TCP)
		return inet_get_option(s, level, name, uval, len);
	if (name == TCP_INFO)
		return get_info(t, uval, len);
	if (name == TCP_CONGESTION)
		return option_put(uval, len, congestion, sizeof(congestion));
	err = get_number(t, name, &v);
	return err ? err : option_put_int(uval, len, v);
}

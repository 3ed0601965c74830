/* SPDX-License-Identifier: Apache-2.0 */
/* TCP sockets over lwIP's raw API. For net/ only. */
#ifndef NET_INET_TCP_H
#define NET_INET_TCP_H

#include "lwip/tcp.h"

#include "net/inet.h"
#include "sched/timer.h"

/* How far the socket is, as Linux's struct socket has it. */
enum tcp_progress { TCP_FREE, TCP_CONNECTING, TCP_CONNECTED, TCP_LISTENING };

enum { TCP_NO_MORE_IN = 1, TCP_NO_MORE_OUT = 2 }; /* RCV_, SEND_SHUTDOWN */

/* One reader and one writer at a time. */
struct tcp_side {
	bool busy;
	uint16_t waiting;
};

/*
 * A socket, or a connection that waits to be accepted. What lwIP's callbacks
 * change is under net_lock; since nothing preempts keel, other code sees it
 * whole as long as it does not sleep.
 */
struct tcp {
	struct inet inet;
	struct tcp_pcb *pcb; /* NULL: the connection has ended */
	uint8_t progress;    /* enum tcp_progress */
	uint8_t shut;        /* TCP_NO_MORE_*: by the peer's FIN, too */
	bool no_room;        /* a writer was told so: wake it */
	bool corked;         /* TCP_CORK */
	bool nodelay;
	bool by_page;     /* pages of files are sent, in large segments */
	bool established; /* it has been, since connect(2) */
	bool asked;       /* the peer has sent after our last byte */
	int error;        /* what SO_ERROR will say, while there is no socket */

	/* Received and not read: linked by `next`, tot_len is not used. */
	struct pbuf *rx, *rx_last;
	unsigned rx_at;    /* bytes of *rx that were read */
	unsigned rx_len;   /* bytes not read */
	unsigned rx_room;  /* left in *rx_last, which is ours to fill */
	unsigned rx_count; /* pbufs */
	unsigned window;   /* what may be unread */
	unsigned rx_since; /* read since the window grew */

	struct tcp_side reader, writer;

	/* The end of what was sent, kept back for more to come. */
	char *held;
	unsigned held_len, held_size;
	struct timer *held_timer;

	uint32_t keep_idle_s, keep_interval_s, keep_count; /* 0: default */
	uint32_t user_timeout_ms;
	uint64_t progress_ns; /* when the peer last acknowledged something */

	/* Of a listener. */
	struct tcp_listener *listener;
	struct tcp *member_next; /* others of SO_REUSEPORT */
	struct tcp *queue, **queue_end;
	unsigned queued, backlog;
	struct tcp *next; /* in such a queue */
	/* Of one that was accepted: from whom. */
	ip_addr_t from;
	uint16_t from_port;
};

static inline struct tcp *tcp_of(const struct socket *s)
{
	return s->sk;
}

/* inet_tcp.c. Makes the pcb where there is none; -ENOBUFS, or -EINVAL when
 * the socket had one. */
int tcp_make_pcb(struct tcp *t, const struct socket *s);
/* Both ends are this machine's. */
static inline bool tcp_is_local(const struct tcp_pcb *pcb)
{
	return ip_addr_isloopback(&pcb->remote_ip) ||
	       ip_addr_cmp(&pcb->local_ip, &pcb->remote_ip);
}
bool tcp_ended(const struct tcp *t); /* or not begun: TCP_CLOSE of Linux */
void tcp_attach(struct tcp *t, struct tcp_pcb *pcb); /* callbacks */
void tcp_wake(struct tcp *t);
void tcp_wake_for(struct tcp *t, uint32_t events);
/* The connection goes away with RST; callbacks are not called. */
void tcp_drop(struct tcp *t);
/* Ends it as close(2) does; lwIP goes on alone, t has no pcb then. Under
 * net_lock. */
void tcp_finish(struct tcp *t);
void tcp_free_memory(struct tcp *t); /* what is queued, and t itself */
/* Choices of the program into the pcb. */
void tcp_apply(struct tcp *t);
/* The port of a pcb is known to it, and ends with it. */
void tcp_set_port(struct tcp_pcb *pcb, struct inet_port *p);
extern const struct socket_ops tcp_ops;

/* inet_tcp_connect.c */
int tcp_connect_to(struct socket *s, const struct sockaddr_storage *a,
	unsigned len, unsigned flags);
int tcp_disconnect_from(struct socket *s, struct tcp *t);
static inline bool tcp_handshaking(const struct tcp *t)
{
	return t->pcb && t->pcb->state == SYN_SENT;
}

/* inet_tcp_listen.c */
int tcp_listen_on(struct socket *s, int backlog);
int tcp_accept_from(struct socket *s, struct socket *to, unsigned flags);
int tcp_accepted_from(struct socket *s, struct sockaddr_storage *a);
void tcp_stop_listening(struct tcp *t); /* resets its queue */
/* A half-open connection ends, or is whole now. */
void tcp_half_done(struct inet_port *p);
int8_t tcp_half_open(uint8_t id, struct tcp_pcb_listen *l, struct tcp_pcb *pcb);

/* inet_tcp_recv.c */
void tcp_window_offer(struct tcp_pcb *pcb);
void tcp_window_begin(struct tcp *t);
void tcp_window_update(struct tcp *t); /* without net_lock */
int8_t tcp_on_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, int8_t err);
long tcp_recvmsg(struct socket *s, struct socket_msg *m);
void tcp_drop_received(struct tcp *t);

/* inet_tcp_send.c */
int8_t tcp_on_sent(void *arg, struct tcp_pcb *pcb, uint16_t n);
long tcp_sendmsg(struct socket *s, struct socket_msg *m);
long tcp_send_page(struct socket *s, struct page *p, unsigned offset, size_t n,
	unsigned flags);
unsigned tcp_room(const struct tcp *t);   /* bytes that can be sent now */
bool tcp_writable(const struct tcp *t);   /* as poll sees it */
unsigned tcp_unsent(const struct tcp *t); /* not acknowledged: SIOCOUTQ */
void tcp_release_held(struct tcp *t);     /* goes out; under net_lock */
void tcp_side_lock(struct tcp *t, struct tcp_side *side);
void tcp_side_unlock(struct tcp *t, struct tcp_side *side);

/* Memory that buffers may still take, in parts of what the machine has: less
 * than 1 of `parts` is left. */
bool tcp_memory_below(unsigned parts);

/* inet_tcp_options.c */
int tcp_set_option(
	struct socket *s, int level, int name, long uval, unsigned len);
int tcp_get_option(
	struct socket *s, int level, int name, long uval, unsigned *len);
int tcp_option_changed(struct socket *s, int name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Peers of the stack under test: frames of all kinds, right and wrong. */
#include "net-host.h"

#include <string.h>

#include "lwip/priv/tcp_priv.h"

#include "net/tcp_table.h"

enum { FRAME = 2000, PEERS = 4, PORT = 1000, ETH = 14, IP4 = 20, IP6 = 40 };

/* A client's end of a connection: what it would send and acknowledge. */
static struct peer {
	uint32_t next, ack;
} peers[PEERS];

uint8_t input_u8(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->p++;
}

uint16_t input_u16(struct input *in)
{
	uint16_t v = input_u8(in);

	return (uint16_t)(v << 8 | input_u8(in));
}

void input_bytes(struct input *in, void *dst, size_t n)
{
	size_t have = MIN(n, in->left);

	memset(dst, 0, n);
	memcpy(dst, in->p, have);
	in->p += have;
	in->left -= have;
}

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static void put_ethernet(uint8_t *f, unsigned type)
{
	static const uint8_t macs[12] = {
		0x52, 0x54, 0, 0x12, 0x34, 0x56, 2, 0, 0, 0, 0, 1};

	memcpy(f, macs, sizeof(macs));
	put16(f + 12, type);
}

/* Headers for a payload that stands behind them; the frame's length. */
static unsigned put_ip4(uint8_t *f, unsigned protocol, unsigned len)
{
	static const uint8_t addresses[8] = {10, 0, 0, 1, 10, 0, 0, 2};

	put_ethernet(f, 0x0800);
	memset(f + ETH, 0, IP4);
	f[ETH] = 0x45;
	put16(f + ETH + 2, IP4 + len);
	f[ETH + 8] = 64;
	f[ETH + 9] = (uint8_t)protocol;
	memcpy(f + ETH + 12, addresses, sizeof(addresses));
	return ETH + IP4 + len;
}

static unsigned put_ip6(uint8_t *f, unsigned protocol, unsigned len)
{
	put_ethernet(f, 0x86dd);
	memset(f + ETH, 0, IP6);
	f[ETH] = 0x60;
	put16(f + ETH + 4, len);
	f[ETH + 6] = (uint8_t)protocol;
	f[ETH + 7] = 255;
	f[ETH + 8] = f[ETH + 24] = 0xfd;
	f[ETH + 23] = 1;
	f[ETH + 39] = 2;
	return ETH + IP6 + len;
}

/* A segment of one of the clients: about where it should be. */
static unsigned put_tcp(struct input *in, uint8_t *f)
{
	unsigned who = input_u8(in), v6 = who >> 7, k = who % PEERS;
	unsigned flags = input_u8(in) & 0x3f, options = input_u8(in) % 11;
	unsigned len = input_u16(in) % 1461, hlen = 20 + 4 * options;
	uint8_t *t = f + ETH + (v6 ? IP6 : IP4);
	struct peer *p = &peers[k];
	int8_t seq_off = (int8_t)input_u8(in), ack_off = (int8_t)input_u8(in);

	put16(t, PORT + k);
	put16(t + 2, 80);
	put32(t + 4, p->next + (uint32_t)(seq_off * 4));
	put32(t + 8, p->ack + (uint32_t)(ack_off * 4));
	t[12] = (uint8_t)(hlen / 4 << 4);
	t[13] = (uint8_t)flags;
	put16(t + 14, input_u16(in));
	memset(t + 16, 0, 4);
	input_bytes(in, t + 20, 4 * options);
	memset(t + hlen, 'a', len);
	if (!seq_off)
		p->next +=
			len + (flags & TCP_SYN) / TCP_SYN + (flags & TCP_FIN);
	return v6 ? put_ip6(f, 6, hlen + len) : put_ip4(f, 6, hlen + len);
}

void host_sent(const uint8_t *f, unsigned len)
{
	const uint8_t *t;
	unsigned hlen, total, k;

	if (len < ETH + IP4 + 20)
		return;
	if (f[12] == 0x08 && !f[13] && f[ETH + 9] == 6) {
		t = f + ETH + IP4;
		total = (f[ETH + 2] << 8 | f[ETH + 3]) - IP4;
	} else if (len >= ETH + IP6 + 20 && f[12] == 0x86 && f[ETH + 6] == 6) {
		t = f + ETH + IP6;
		total = f[ETH + 4] << 8 | f[ETH + 5];
	} else {
		return;
	}
	k = (unsigned)(t[2] << 8 | t[3]) - PORT;
	hlen = 4U * (t[12] >> 4);
	if (k < PEERS && hlen <= total)
		peers[k].ack = get32(t + 4) + total - hlen +
			       ((t[13] >> 1) & 1) + (t[13] & 1);
}

static unsigned put_udp(struct input *in, uint8_t *f)
{
	unsigned kind = input_u8(in), len = input_u16(in) % 1400;
	unsigned v6 = kind & 1;
	uint8_t *u = f + ETH + (v6 ? IP6 : IP4);

	put16(u, kind & 2 ? 67 : 5000);
	put16(u + 2, kind & 2 ? 68 : 7);
	put16(u + 4, 8 + len);
	put16(u + 6, 0);
	input_bytes(in, u + 8, len);
	/* An answer of a DHCP server, as far as it has to fit. */
	if (kind & 2 && len > 44) {
		u[8] = 2;
		memcpy(u + 8 + 28, f, 6);
	}
	return v6 ? put_ip6(f, 17, 8 + len) : put_ip4(f, 17, 8 + len);
}

/* Any protocol, with what the input says from the IP payload on. */
static unsigned put_any(struct input *in, uint8_t *f)
{
	unsigned kind = input_u8(in), protocol = input_u8(in);
	unsigned len = input_u16(in) % 1480, n;
	bool v6 = kind & 1;

	input_bytes(in, f + ETH + (v6 ? IP6 : IP4), len);
	n = v6 ? put_ip6(f, protocol, len) : put_ip4(f, protocol, len);
	if (kind & 2) { /* to all nodes, from a router's link-local address */
		f[ETH + 24] = 0xff;
		f[ETH + 25] = 2;
		f[ETH + 39] = 1;
		f[ETH + 8] = 0xfe;
		f[ETH + 9] = 0x80;
	}
	if (kind & 4 && !v6) { /* a fragment */
		put16(f + ETH + 4, kind >> 4);
		put16(f + ETH + 6, input_u16(in));
	}
	return n;
}

static unsigned put_raw(struct input *in, uint8_t *f)
{
	unsigned kind = input_u8(in), len = input_u16(in) % FRAME;

	input_bytes(in, f, len);
	if (kind & 1)
		put_ethernet(f, kind & 2 ? 0x0806 : 0x86dd);
	return len;
}

/* --- what programs do ---------------------------------------------------- */

struct choice {
	unsigned left;
	struct tcp_pcb *pcb;
};

static bool choose(struct tcp_pcb *pcb, void *arg)
{
	struct choice *c = arg;

	c->pcb = pcb;
	return !c->left--;
}

static void act(struct input *in)
{
	static const char text[4000];
	struct choice c = {.left = input_u8(in) % PEERS};
	unsigned what = input_u8(in);
	bool found;

	net_lock();
	found = net_tcp_find(choose, &c);
	if (found && c.pcb->state != TIME_WAIT && c.pcb->state != SYN_RCVD) {
		if (what < 150)
			tcp_write(c.pcb, text, (u16_t)(what * 26),
				what & 1 ? TCP_WRITE_FLAG_COPY : 0);
		else if (what < 200)
			tcp_output(c.pcb);
		else if (what < 220)
			tcp_shutdown(c.pcb, what & 1, 1);
		else if (what < 250)
			tcp_close(c.pcb);
		else
			tcp_abort(c.pcb);
	}
	net_unlock();
}

void host_play(struct input *in, host_deliver *deliver)
{
	static uint8_t f[FRAME + 200];

	for (unsigned k = 0; k < PEERS; k++)
		peers[k] = (struct peer){.next = 1000 * k};
	while (in->left) {
		unsigned len = 0;

		switch (input_u8(in) % 10) {
		case 0:
		case 1:
		case 2:
			len = put_tcp(in, f);
			break;
		case 3:
			len = put_any(in, f);
			break;
		case 4:
			len = put_udp(in, f);
			break;
		case 5:
			len = put_raw(in, f);
			break;
		case 6:
			host_advance(input_u8(in) * 10U);
			break;
		case 7:
			act(in);
			break;
		case 8:
			host_fail_alloc = input_u8(in);
			break;
		default:
			host_advance(input_u8(in) * 1000U);
			break;
		}
		if (len)
			deliver(f, len);
	}
}

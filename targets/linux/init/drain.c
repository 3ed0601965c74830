/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a server: the host's signal waits for requests under way. */
#include <linux/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

enum { QUIET_LOOKS = 4, LOOPBACK = 1 /* index of the card */ };

static struct {
	struct record_drain said; /* ns 0: there is no such record */
	int refuser, draining;
	int kept; /* the signal; 0: none is kept back */
	unsigned quiet;
	uint64_t half_time, deadline, next;
} d = {{0, 0}, -1, 0, 0, 0, 0, 0, 0};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* --- no new connections
 * -----------------------------------------------------*/

static int bpf(int command, union bpf_attr *a)
{
	return (int)syscall(SYS_bpf, command, a, sizeof(*a));
}

#define LOAD(reg, field)                                         \
	{                                                        \
		BPF_LDX | BPF_MEM | BPF_W, reg, BPF_REG_1,       \
			offsetof(struct bpf_sk_lookup, field), 0 \
	}
#define SET(reg, n)                                       \
	{                                                 \
		BPF_ALU64 | BPF_MOV | BPF_K, reg, 0, 0, n \
	}
#define JUMP(op, reg, n, over)                          \
	{                                               \
		BPF_JMP | (op) | BPF_K, reg, 0, over, n \
	}

/*
 * Asked for a listening socket, the kernel shall say that there is none: TCP
 * refuses then. The machine's own connections pass, and what is not TCP.
 * Linux, Documentation/bpf/prog_sk_lookup.rst
 */
static int load_refuser(void)
{
	static const struct bpf_insn code[] = {
		SET(BPF_REG_0, SK_PASS),
		LOAD(BPF_REG_2, protocol),
		JUMP(BPF_JNE, BPF_REG_2, IPPROTO_TCP, 3),
		LOAD(BPF_REG_2, ingress_ifindex),
		JUMP(BPF_JEQ, BPF_REG_2, LOOPBACK, 1),
		SET(BPF_REG_0, SK_DROP),
		{BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
	};
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	a.prog_type = BPF_PROG_TYPE_SK_LOOKUP;
	a.expected_attach_type = BPF_SK_LOOKUP;
	a.insns = (uint64_t)(uintptr_t)code;
	a.insn_cnt = sizeof(code) / sizeof(code[0]);
	a.license = (uint64_t)(uintptr_t) "";
	return bpf(BPF_PROG_LOAD, &a);
}

/* For as long as the machine runs. */
static void refuse(void)
{
	union bpf_attr a;
	int space = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	memset(&a, 0, sizeof(a));
	a.link_create.prog_fd = (uint32_t)d.refuser;
	a.link_create.target_fd = (uint32_t)space;
	a.link_create.attach_type = BPF_SK_LOOKUP;
	if (space < 0 || bpf(BPF_LINK_CREATE, &a) < 0)
		die("refuse connections");
	close(space);
}

/* --- the signal
 * --------------------------------------------------------------*/

void drain_prepare(void)
{
	size_t at = 0;
	const struct item *i = record_next(RECORD_DRAIN, &at);

	if (!i)
		return;
	if (i->len != sizeof(d.said)) {
		errno = EINVAL;
		die("boot record: the time for requests");
	}
	memcpy(&d.said, i->data, sizeof(d.said));
	modules_load("drain");
	d.refuser = load_refuser();
	if (d.refuser < 0)
		die("what refuses connections");
}

int drain_keep(int sig)
{
	int ours = d.said.ns && sig >= 1 && sig <= 64 &&
		   (d.said.signals >> (sig - 1) & 1);

	if (!ours || d.draining) {
		if (ours)
			d.kept = 0;
		return sig;
	}
	refuse();
	d.draining = 1;
	d.kept = sig;
	d.next = now_ns();
	d.half_time = d.next + d.said.ns / 2;
	d.deadline = d.next + d.said.ns;
	return 0;
}

int drain_look(void)
{
	uint64_t now;
	int sig, seen;

	if (!d.kept)
		return 0;
	now = now_ns();
	if (now < d.next)
		return 0;
	seen = peers_look();
	now = now_ns();
	d.quiet = seen == PEERS_BUSY ? 0 : d.quiet + 1;
	d.next = now + LOOK_MS * 1000000ull;
	if (seen != PEERS_NONE && now < d.deadline &&
		d.quiet < (now < d.half_time ? QUIET_LOOKS : 1))
		return 0;
	sig = d.kept;
	d.kept = 0;
	return sig;
}

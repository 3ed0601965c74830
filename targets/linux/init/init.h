/* SPDX-License-Identifier: Apache-2.0 */
/* Process 1 of base `linux`: the same contract as keel's (abi). */
#ifndef INIT_H
#define INIT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "abi/channel.h"
#include "abi/record.h"

/* --- main.c ---------------------------------------------------------------*/

/* The machine cannot be what the record asks for: says so to the host
 * (CHANNEL_PANIC) or the serial port, and switches off. "WHAT: errno". */
void die(const char *what, ...) __attribute__((format(printf, 1, 2), noreturn));
void power_off(void) __attribute__((noreturn));

/* --- fwcfg.c, in arch -----------------------------------------------------*/

/* A file of QEMU's configuration device (QEMU, docs/specs/fw_cfg), to be
 * freed; NULL: no such file, or no such device. */
void *fw_cfg_file(const char *name, size_t *len);

/* --- record.c -------------------------------------------------------------*/

struct item {
	uint32_t type, len;
	const char *data; /* a 0 follows that is not counted */
};

/* The launcher's record with what only the build's own has (what starts, and
 * as whom); without a launcher's, the one of the build. */
void record_load(void);
/* The next of a type after *at (0 first), or NULL. */
const struct item *record_next(uint32_t type, size_t *at);
/* The first as text, or what is said here. */
const char *record_text(uint32_t type, const char *otherwise);
uint64_t record_flags(void);

/* --- modules.c ------------------------------------------------------------*/

/* Loads the modules of a group: lines "GROUP FILE" of /modules/list. */
void modules_load(const char *group);

/* --- root.c ---------------------------------------------------------------*/

/* Makes the program's root, mounts what belongs there, and enters it. */
void root_make(void);
void root_end(void); /* volumes are written out and left */

/* --- network.c ------------------------------------------------------------*/

void network_start(void); /* loopback and all cards */

/* --- netlink.c ------------------------------------------------------------*/

struct prefix {
	int family; /* AF_INET, AF_INET6 */
	unsigned char addr[16];
	unsigned len; /* bits */
};

int link_up(int index, unsigned mtu); /* 0: as it is */
int address_add(int index, const struct prefix *p);
/* `gateway` may be NULL: on the link itself. */
int route_add(int index, const struct prefix *to, const struct prefix *gateway);

/* --- dhcp.c ---------------------------------------------------------------*/

/* IPv4 by DHCP (RFC 2131), for a card that is up; some seconds at most. */
int dhcp_run(const char *card, int index);

/* --- ports.c --------------------------------------------------------------*/

/* Tells the host which ports were opened and closed since the last time. */
void ports_tell(void);

/* --- peers.c --------------------------------------------------------------*/

/* TCP connections with others: none, none with a request under way, some
 * with one. Needs the modules of "drain". */
enum { PEERS_NONE, PEERS_IDLE, PEERS_BUSY };
int peers_look(void);
/* 1: not all that was sent has arrived. Needs nothing. */
int peers_unsent(void);

/* --- drain.c --------------------------------------------------------------*/

enum { LOOK_MS = 50 }; /* between two looks at ports or peers */

/* What RECORD_DRAIN asks for, while there are modules (before root_make). */
void drain_prepare(void);
/* A signal of the host: it again, or 0: drain_look will give it. */
int drain_keep(int sig);
/* Now and then: the signal that is due, or 0. */
int drain_look(void);

/* --- channel.c ------------------------------------------------------------*/

extern int channel_fd; /* -1: none */
void channel_open(void);
/* Waits until the host has it. */
void channel_send(unsigned type, const void *p, size_t n);
/* A whole frame into buf (CHANNEL_MAX bytes), or 0: none yet. */
unsigned channel_read(void *buf, size_t *n);

/* --- program.c ------------------------------------------------------------*/

void program_enter_folder(void); /* it is made where it is missing */
/* In the child: takes the user of the record, if there is one. */
void program_become_user(void);
/* In the child, with descriptors 0 to 2 in place: does not return. -1: what
 * RECORD_ENTRY says. */
void program_exec(int program) __attribute__((noreturn));
/* The same, what RECORD_HEALTH says. */
void program_exec_health(void) __attribute__((noreturn));

/* --- health.c -------------------------------------------------------------*/

/* CHANNEL_ASK and CHANNEL_ASK_END, while the program runs. */
void health_start(void);
void health_end(void);
int health_fd(void); /* what it writes, to be polled; -1: nothing */
/* Takes what it wrote, and answers if it has ended. */
void health_look(void);
/* A child that ended: of the program's, or the command itself. */
void health_reaped(pid_t pid, int status);

/* --- relay.c --------------------------------------------------------------*/

/* Runs the program between its descriptors and the channel: its status. -1:
 * it is in the root (RECORD_ENTRY). */
int relay_run(int program);

#endif

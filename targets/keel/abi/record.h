/* SPDX-License-Identifier: Apache-2.0 */
/* The boot record: what the host tells the program before main. */
#ifndef ABI_RECORD_H
#define ABI_RECORD_H

#include <stdint.h>

/*
 * Little endian. A header, then items back to back: type, length of the
 * data, data, zeros up to a multiple of 8. It reaches the guest
 *  - as the fw_cfg file RECORD_FW_CFG (launcher, slipway run), or
 *  - as the section ".keel.record" of the kernel, between the symbols
 *    keel_record and keel_record_end (written by `slipway build`: the
 *    manifest's own args, env and so on; used when nobody gives another).
 * A guest refuses a record with a wrong magic, version or length, and one
 * of more than RECORD_MAX bytes; unknown items are skipped.
 */
#define RECORD_MAGIC  0x4345524c45454bULL /* "KEELREC\0" */
#define RECORD_MAX    (8u << 20)
#define RECORD_FW_CFG "opt/org.slipway/record"

struct record_header {
	uint64_t magic;
	uint32_t version; /* 1 */
	uint32_t size;    /* of everything, this header included */
};

struct record_item {
	uint32_t type;
	uint32_t len; /* of the data that follows */
};

enum record_type {
	RECORD_ARG = 1, /* one per argument in order, argv[0] first; no NUL */
	RECORD_ENV = 2, /* one per entry, in order; no NUL */
	RECORD_CWD = 3,
	RECORD_HOSTNAME = 4,
	RECORD_FILE = 5,  /* path, NUL, content: replaces a file of the root */
	RECORD_FLAGS = 6, /* u64, RECORD_F_* */
	RECORD_TIME = 7,  /* u64 ns since the epoch when the VM started */
	RECORD_WINSIZE = 8, /* u16 rows, u16 columns */
	RECORD_TERMIOS = 9, /* struct termios of the kernel ABI (36 bytes) */
	RECORD_SEED = 10,   /* entropy, 32 bytes or more */
	RECORD_NET = 11,    /* one per network card, see below */
	RECORD_MOUNT = 12,  /* tag, NUL, path, NUL, options, NUL: see below */
	RECORD_DRAIN = 13,  /* struct record_drain */
	RECORD_ENTRY = 14,  /* one per word, see below */
	RECORD_USER = 15,   /* u32 uid, gid, then further groups: see below */
	RECORD_HEALTH = 16, /* one per word, see below */
};

/*
 * RECORD_NET is text, words with one space between them, in the order of the
 * cards; with a mac= it is for the card that has it.
 *   mac=52:54:00:12:34:56
 *   dhcp                     IPv4 by DHCP, else what addr= says
 *   addr=ADDRESS/PREFIX      IPv4 or IPv6, any number
 *   route=NET/PREFIX@GATEWAY or route=NET/PREFIX on the link itself
 *   mtu=1500
 *   noslaac                  no IPv6 addresses and routes but these
 * Without a record each card has DHCP and SLAAC.
 */

/*
 * RECORD_MOUNT, in the order of mounting; the path is absolute and made where
 * it is missing. Options are words with commas between:
 *  - "ro" or "rw": the 9P file system of the virtio device with this tag;
 *  - "tmpfs", then any of "ro", "size=BYTES", "mode=OCTAL": no tag;
 *  - "file", then any of "mode=OCTAL", "uid=N", "gid=N", "mtime=SECONDS"; NUL,
 *    content: one file that cannot be written: no tag.
 */

/*
 * Base linux takes these from the build's own record only. RECORD_ENTRY:
 * the program is a file of the root, and these words stand where argv[0]
 * would; the first is its path, or without a slash its name in a folder of
 * PATH. One empty word: there are none, the first argument names the program.
 * RECORD_USER: whom the program runs as, with at most RECORD_GROUPS_MAX
 * further groups; without it, root. RECORD_HEALTH: the command of CHANNEL_ASK,
 * with the program's user, environment and folder.
 */
enum { RECORD_GROUPS_MAX = 64 };

/*
 * The first of these signals that the host sends reaches a program with TCP
 * connections only when none of them has a request under way, at the latest
 * after so long; meanwhile no connection is taken. A second one comes at once.
 */
struct record_drain {
	uint64_t ns;
	uint64_t signals; /* bit N-1: signal N */
};

#define RECORD_F_CHANNEL  (1u << 0) /* virtio-console carries abi/channel.h */
#define RECORD_F_TTY_IN   (1u << 1) /* fd 0 is a terminal */
#define RECORD_F_TTY_OUT  (1u << 2)
#define RECORD_F_TTY_ERR  (1u << 3)
#define RECORD_F_VERBOSE  (1u << 4) /* kernel log lines are wanted */
#define RECORD_F_NO_STDIN (1u << 5) /* reading fd 0 gives EOF at once */
#define RECORD_F_NO_VDA   (1u << 6) /* no disk of the image: begin at vdb */

#endif

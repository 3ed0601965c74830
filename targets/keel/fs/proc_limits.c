/* SPDX-License-Identifier: Apache-2.0 */
/* /proc/self/limits and /proc/self/auxv. */
#include <asm/resource.h>
#include <linux/auxvec.h>
#include <linux/resource.h>

#include "fs/proc.h"
#include "kern/main.h"
#include "mm/uaccess.h"
#include "sys/proto.h"

static const struct {
	const char *name, *unit;
} rows[RLIM_NLIMITS] = {
	[RLIMIT_CPU] = {"Max cpu time", "seconds"},
	[RLIMIT_FSIZE] = {"Max file size", "bytes"},
	[RLIMIT_DATA] = {"Max data size", "bytes"},
	[RLIMIT_STACK] = {"Max stack size", "bytes"},
	[RLIMIT_CORE] = {"Max core file size", "bytes"},
	[RLIMIT_RSS] = {"Max resident set", "bytes"},
	[RLIMIT_NPROC] = {"Max processes", "processes"},
	[RLIMIT_NOFILE] = {"Max open files", "files"},
	[RLIMIT_MEMLOCK] = {"Max locked memory", "bytes"},
	[RLIMIT_AS] = {"Max address space", "bytes"},
	[RLIMIT_LOCKS] = {"Max file locks", "locks"},
	[RLIMIT_SIGPENDING] = {"Max pending signals", "signals"},
	[RLIMIT_MSGQUEUE] = {"Max msgqueue size", "bytes"},
	[RLIMIT_NICE] = {"Max nice priority", ""},
	[RLIMIT_RTPRIO] = {"Max realtime priority", ""},
	[RLIMIT_RTTIME] = {"Max realtime timeout", "us"},
};

/* A column, to the left. */
static void add_column(struct text *t, size_t width, size_t start)
{
	while (t->len - start < width && !t->failed)
		text_add(t, " ");
	text_add(t, " ");
}

static void add_limit(struct text *t, uint64_t v)
{
	size_t start = t->len;

	if (v == RLIM64_INFINITY)
		text_add(t, "unlimited");
	else
		text_add(t, "%lu", (unsigned long)v);
	add_column(t, 20, start);
}

void proc_show_limits(struct text *t)
{
	/* The call fills the program's memory, which this is part of. */
	static struct rlimit64 l;
	size_t start;

	text_add(t, "Limit                     Soft Limit           "
		    "Hard Limit           Units     \n");
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		do_prlimit64(0, i, 0, (long)&l);
		start = t->len;
		text_add(t, "%s", rows[i].name);
		add_column(t, 25, start);
		add_limit(t, l.rlim_cur);
		add_limit(t, l.rlim_max);
		start = t->len;
		text_add(t, "%s", rows[i].unit);
		if (*rows[i].unit)
			add_column(t, 9, start);
		text_add(t, "\n");
	}
}

/* As the program has it on its stack. */
void proc_show_auxv(struct text *t)
{
	const char *at = (const char *)process_auxv;
	uint64_t item[2];

	do {
		if (copy_from_user(item, at, sizeof(item)))
			return;
		text_add_bytes(t, item, sizeof(item));
		at += sizeof(item);
	} while (item[0] != AT_NULL && !t->failed);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The folder /proc, as far as it tells of the machine. */
#include "fs/proc.h"

#include <linux/utsname.h>

#include "arch/arch.h"
#include "drivers/random.h"
#include "fs/memfs.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "kern/string.h"
#include "kern/time.h"
#include "sched/thread.h"
#include "sys/proto.h"

/* The call fills the program's memory, which keel's own data are part of. */
static const struct new_utsname *uname_now(void)
{
	static struct new_utsname u;

	do_uname((long)&u);
	return &u;
}

static void show_meminfo(struct text *t)
{
	uint64_t kib = PAGE_SIZE / 1024, clean = pagecache_clean() * kib;
	uint64_t free = page_free_count() * kib;

	text_add(t, "MemTotal:       %8lu kB\n", page_total() * kib);
	text_add(t, "MemFree:        %8lu kB\n", free);
	text_add(t, "MemAvailable:   %8lu kB\n", free + clean);
	text_add(t, "Buffers:        %8lu kB\n", 0UL);
	text_add(t, "Cached:         %8lu kB\n", clean);
	text_add(t, "SwapCached:     %8lu kB\n", 0UL);
	text_add(t, "SwapTotal:      %8lu kB\n", 0UL);
	text_add(t, "SwapFree:       %8lu kB\n", 0UL);
	text_add(t, "Hugepagesize:   %8lu kB\n", 2048UL);
}

static void show_cpuinfo(struct text *t)
{
	struct arch_cpu c;

	arch_cpu_describe(&c);
	text_add(t, "processor\t: 0\nvendor_id\t: %s\n", c.vendor);
	text_add(t, "cpu family\t: %u\nmodel\t\t: %u\n", c.family, c.model);
	text_add(t, "model name\t: %s\n", c.name);
	text_add(t, "stepping\t: %u\n", c.stepping);
	text_add(t, "physical id\t: 0\nsiblings\t: 1\ncore id\t\t: 0\n");
	text_add(t, "cpu cores\t: 1\n\n");
}

static void show_uptime(struct text *t)
{
	uint64_t cs = clock_now() / 10000000;

	text_add(t, "%lu.%02lu 0.00\n", cs / 100, cs % 100);
}

static void show_version(struct text *t)
{
	const struct new_utsname *u = uname_now();

	text_add(t, "%s version %s %s\n", u->sysname, u->release, u->version);
}

static void show_stat(struct text *t)
{
	uint64_t ticks = clock_now() / 10000000;
	uint64_t boot = (clock_realtime() - clock_now()) / 1000000000;

	text_add(t, "cpu  %lu 0 0 0 0 0 0 0 0 0\n", ticks);
	text_add(t, "cpu0 %lu 0 0 0 0 0 0 0 0 0\n", ticks);
	text_add(t, "intr 0\nctxt 0\nbtime %lu\nprocesses 1\n", boot);
	text_add(t, "procs_running 1\nprocs_blocked 0\n");
}

static void show_loadavg(struct text *t)
{
	text_add(t, "0.00 0.00 0.00 1/1 %d\n", PROC_PID);
}

static void show_filesystems(struct text *t)
{
	text_add(t, "nodev\tproc\nnodev\tsysfs\nnodev\ttmpfs\n");
	text_add(t, "nodev\tdevtmpfs\nnodev\toverlay\nnodev\t9p\n\terofs\n");
}

static void show_hostname(struct text *t)
{
	text_add(t, "%s\n", uname_now()->nodename);
}

static void show_osrelease(struct text *t)
{
	text_add(t, "%s\n", uname_now()->release);
}

static void show_ostype(struct text *t)
{
	text_add(t, "Linux\n");
}

static void show_pid_max(struct text *t)
{
	text_add(t, "32768\n");
}

static void show_ngroups_max(struct text *t)
{
	text_add(t, "65536\n");
}

/* A new one at each read (RFC 4122, version 4). */
static void show_uuid(struct text *t)
{
	uint8_t u[16];

	random_bytes(u, sizeof(u));
	u[6] = (u[6] & 0x0f) | 0x40;
	u[8] = (u[8] & 0x3f) | 0x80;
	for (unsigned i = 0; i < 16; i++)
		text_add(t, "%s%02x",
			i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", u[i]);
	text_add(t, "\n");
}

static void show_overcommit(struct text *t)
{
	text_add(t, "1\n"); /* always: reservations cost nothing */
}

static long link_self(char *dst, size_t size)
{
	return text_link_copy(dst, size, "1");
}

static long link_thread_self(char *dst, size_t size)
{
	char path[24];

	ksnprintf(path, sizeof(path), "1/task/%d", thread_this()->tid);
	return text_link_copy(dst, size, path);
}

static long link_mounts(char *dst, size_t size)
{
	return text_link_copy(dst, size, "self/mounts");
}

static const struct text_entry entries[] = {
	{"meminfo", show_meminfo, NULL, NULL},
	{"cpuinfo", show_cpuinfo, NULL, NULL},
	{"uptime", show_uptime, NULL, NULL},
	{"version", show_version, NULL, NULL},
	{"stat", show_stat, NULL, NULL},
	{"loadavg", show_loadavg, NULL, NULL},
	{"filesystems", show_filesystems, NULL, NULL},
	{"mounts", NULL, link_mounts, NULL},
	{"self", NULL, link_self, NULL},
	{"thread-self", NULL, link_thread_self, NULL},
	{"sys", NULL, NULL, NULL},
	{"sys/kernel", NULL, NULL, NULL},
	{"sys/kernel/hostname", show_hostname, NULL, NULL},
	{"sys/kernel/osrelease", show_osrelease, NULL, NULL},
	{"sys/kernel/ostype", show_ostype, NULL, NULL},
	{"sys/kernel/pid_max", show_pid_max, NULL, NULL},
	{"sys/kernel/ngroups_max", show_ngroups_max, NULL, NULL},
	{"sys/kernel/random", NULL, NULL, NULL},
	{"sys/kernel/random/uuid", show_uuid, NULL, NULL},
	{"sys/vm", NULL, NULL, NULL},
	{"sys/vm/overcommit_memory", show_overcommit, NULL, NULL},
};

/* Only with sockets. */
extern const struct text_entry proc_net_entries[] weak;
extern const unsigned proc_net_count weak;

int proc_mount(void)
{
	struct fs *fs;
	int err = memfs_mount("/proc", "proc", MEMFS_PROC, 0555, &fs);

	if (!err)
		err = text_tree(fs, entries, ARRAY_SIZE(entries));
	if (!err)
		err = text_tree(fs, proc_self_entries, proc_self_count);
	if (!err)
		err = proc_fd_add(fs);
	if (!err)
		err = proc_task_add(fs);
	if (!err && proc_net_entries)
		err = text_tree(fs, proc_net_entries, proc_net_count);
	if (!err)
		fs->read_only = true;
	return err;
}

/* --- /sys -----------------------------------------------------------------*/

static void show_cpus(struct text *t)
{
	text_add(t, "0\n");
}

static const struct text_entry sys_entries[] = {
	{"devices", NULL, NULL, NULL},
	{"devices/system", NULL, NULL, NULL},
	{"devices/system/cpu", NULL, NULL, NULL},
	{"devices/system/cpu/online", show_cpus, NULL, NULL},
	{"devices/system/cpu/possible", show_cpus, NULL, NULL},
};

int sysfs_mount(void)
{
	struct fs *fs;
	int err = memfs_mount("/sys", "sysfs", MEMFS_SYSFS, 0555, &fs);

	if (!err)
		err = text_tree(fs, sys_entries, ARRAY_SIZE(sys_entries));
	if (!err)
		fs->read_only = true;
	return err;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a process asks about itself: ids, name, limits, usage, CPUs. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <unistd.h>

static unsigned ntests;

static void ok(int good, const char *name)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++ntests, name);
}

static int fails(long r, int err)
{
	return r == -1 && errno == err;
}

static void ids(void)
{
	uid_t r, e, s;

	ok(getpid() > 0 && getppid() >= 0, "getpid, getppid");
	ok(syscall(SYS_gettid) == getpid(), "the thread's id is the process's");
	ok(getpgrp() == getpgid(0), "getpgrp is getpgid(0)");
	ok(getpgid(getpid()) == getpgrp(), "getpgid of oneself");
	ok(fails(getpgid(0x3fffffff), ESRCH), "getpgid of nobody");
	ok(fails(getsid(0x3fffffff), ESRCH), "getsid of nobody");
	ok(getuid() == geteuid() && getgid() == getegid(), "uids and gids");
	ok(!getresuid(&r, &e, &s) && r == getuid() && s == r, "getresuid");
	ok(getgroups(0, NULL) >= 0, "getgroups counts");
	ok(fails(getgroups(-1, NULL), EINVAL), "getgroups of -1");
}

static void names(void)
{
	struct utsname u;
	char name[17] = "";

	ok(!uname(&u) && !strcmp(u.sysname, "Linux"), "uname");
	ok(!strcmp(u.machine, "x86_64"), "the machine's name");
	ok(!prctl(PR_SET_NAME, "a name that is too long"), "PR_SET_NAME");
	ok(!prctl(PR_GET_NAME, name) && !strcmp(name, "a name that is "),
		"PR_GET_NAME gives 15 characters");
	ok(fails(prctl(PR_SET_NAME, 16), EFAULT), "PR_SET_NAME, bad pointer");
	ok(prctl(PR_CAPBSET_READ, 0) >= 0, "PR_CAPBSET_READ");
	ok(fails(prctl(PR_CAPBSET_READ, 1000), EINVAL), "no such capability");
	ok(fails(prctl(12345), EINVAL), "no such prctl");
}

static void limits(void)
{
	struct rlimit l, high;

	ok(!getrlimit(RLIMIT_NOFILE, &l) && l.rlim_cur >= 256, "open files");
	l.rlim_cur = 200;
	ok(!setrlimit(RLIMIT_NOFILE, &l), "fewer open files");
	ok(!getrlimit(RLIMIT_NOFILE, &l) && l.rlim_cur == 200, "it is kept");
	high = l;
	high.rlim_cur = high.rlim_max + 1;
	ok(fails(setrlimit(RLIMIT_NOFILE, &high), EINVAL), "soft over hard");
	ok(!getrlimit(RLIMIT_STACK, &l) && l.rlim_cur >= 8 << 20, "stack");
	ok(!setrlimit(RLIMIT_STACK, &l), "a limit set to what it is");
	ok(fails(getrlimit(1000, &l), EINVAL), "no such limit");
	ok(fails(getrlimit(RLIMIT_AS, (void *)8), EFAULT), "bad pointer");
	ok(fails(prlimit(0x3fffffff, RLIMIT_AS, NULL, &l), ESRCH),
		"prlimit of nobody");
}

static void usage(void)
{
	struct rusage a, b;
	struct sysinfo s;
	struct tms t;

	ok(!getrusage(RUSAGE_SELF, &a), "getrusage");
	/* Linux counts by ticks where it has nothing better. */
	for (int round = 0; round < 200; round++) {
		for (volatile int i = 0; i < 3000000; i++)
			;
		getrusage(RUSAGE_SELF, &b);
		if (timercmp(&b.ru_utime, &a.ru_utime, >))
			break;
	}
	ok(timercmp(&b.ru_utime, &a.ru_utime, >), "user time passes");
	ok(b.ru_maxrss > 0, "the size of memory");
	ok(fails(getrusage(77, &a), EINVAL), "usage of whom?");
	ok(fails(getrusage(RUSAGE_SELF, (void *)8), EFAULT), "bad pointer");
	ok(times(&t) != (clock_t)-1, "times");
	ok(!sysinfo(&s) && s.totalram > 0 && s.totalram >= s.freeram &&
			s.mem_unit == 1,
		"sysinfo, in bytes");
}

static void cpus(void)
{
	cpu_set_t set;
	unsigned cpu = 99;

	ok(!sched_getaffinity(0, sizeof(set), &set) && CPU_COUNT(&set) > 0,
		"sched_getaffinity");
	ok(fails(syscall(SYS_sched_getaffinity, 0, 4, &set), EINVAL),
		"a set of 4 bytes is too small");
	ok(fails(sched_getaffinity(0x3fffffff, sizeof(set), &set), ESRCH),
		"the CPUs of nobody");
	ok(sysconf(_SC_NPROCESSORS_ONLN) == CPU_COUNT(&set), "sysconf agrees");
	ok(!syscall(SYS_getcpu, &cpu, NULL, NULL) && CPU_ISSET(cpu, &set),
		"getcpu");
	ok(!sched_yield(), "sched_yield");
}

static void niceness(void)
{
	int was = getpriority(PRIO_PROCESS, 0);
	int next = was < 19 ? was + 1 : 19;

	errno = 0;
	ok(nice(0) == was && errno == 0, "nice 0 changes nothing");
	ok(!setpriority(PRIO_PROCESS, getpid(), next) &&
			getpriority(PRIO_PROCESS, 0) == next,
		"a nicer process");
	ok(nice(100) == 19, "as nice as can be");
	ok(fails(getpriority(PRIO_USER + 1, 0), EINVAL), "niceness of what?");
	ok(fails(getpriority(PRIO_PROCESS, 1 << 30), ESRCH),
		"niceness of nobody");
	ok(fails(setpriority(PRIO_PROCESS, 1 << 30, 1), ESRCH),
		"nobody is not nice");
}

int main(void)
{
	ids();
	names();
	limits();
	usage();
	cpus();
	niceness();
	printf("1..%u\n", ntests);
	return 0;
}

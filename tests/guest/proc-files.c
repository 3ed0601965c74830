/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc/self says of limits, mounts and the auxiliary vector. */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

static unsigned ntests;

static void ok(int good, const char *name)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++ntests, name);
}

/* --- limits ------------------------------------------------------------*/

static const struct {
	const char *name, *unit;
	int which;
} limits[] = {
	{"Max cpu time", "seconds", RLIMIT_CPU},
	{"Max file size", "bytes", RLIMIT_FSIZE},
	{"Max data size", "bytes", RLIMIT_DATA},
	{"Max stack size", "bytes", RLIMIT_STACK},
	{"Max core file size", "bytes", RLIMIT_CORE},
	{"Max resident set", "bytes", RLIMIT_RSS},
	{"Max processes", "processes", RLIMIT_NPROC},
	{"Max open files", "files", RLIMIT_NOFILE},
	{"Max locked memory", "bytes", RLIMIT_MEMLOCK},
	{"Max address space", "bytes", RLIMIT_AS},
	{"Max file locks", "locks", RLIMIT_LOCKS},
	{"Max pending signals", "signals", RLIMIT_SIGPENDING},
	{"Max msgqueue size", "bytes", RLIMIT_MSGQUEUE},
	{"Max nice priority", "", RLIMIT_NICE},
	{"Max realtime priority", "", RLIMIT_RTPRIO},
	{"Max realtime timeout", "us", RLIMIT_RTTIME},
};

static void put(char *to, rlim_t v)
{
	if (v == RLIM_INFINITY)
		strcpy(to, "unlimited");
	else
		sprintf(to, "%llu", (unsigned long long)v);
}

static void check_limits(void)
{
	FILE *f = fopen("/proc/self/limits", "r");
	char line[200] = "", want[200], soft[32], hard[32];
	struct rlimit l;
	int good = 1;

	ok(f && fgets(line, sizeof(line), f) &&
			!strcmp(line,
				"Limit                     "
				"Soft Limit           Hard Limit           "
				"Units     \n"),
		"limits: the heading");
	for (size_t i = 0; f && i < sizeof(limits) / sizeof(*limits); i++) {
		getrlimit(limits[i].which, &l);
		put(soft, l.rlim_cur);
		put(hard, l.rlim_max);
		sprintf(want,
			*limits[i].unit ? "%-25s %-20s %-20s %-10s\n"
					: "%-25s %-20s %-20s %s\n",
			limits[i].name, soft, hard, limits[i].unit);
		if (fgets(line, sizeof(line), f) && !strcmp(line, want))
			continue;
		printf("# %s# is not %s", line, want);
		good = 0;
	}
	ok(good, "limits: as getrlimit has them");
	ok(f && !fgets(line, sizeof(line), f), "limits: no more");
	if (f)
		fclose(f);
}

/* --- the auxiliary vector ----------------------------------------------*/

static void check_auxv(void)
{
	Elf64_auxv_t v[64];
	int fd = open("/proc/self/auxv", O_RDONLY), same = 1;
	long n = fd >= 0 ? read(fd, v, sizeof(v)) : -1;
	long items = n / (long)sizeof(*v);

	ok(n > 0 && n % (long)sizeof(*v) == 0, "auxv: whole items");
	ok(items > 0 && v[items - 1].a_type == AT_NULL, "auxv: it ends");
	for (long i = 0; i + 1 < items; i++) {
		if (v[i].a_type == AT_NULL ||
			getauxval(v[i].a_type) != v[i].a_un.a_val)
			same = 0;
	}
	ok(same, "auxv: as the program was given it");
	ok(fd >= 0 && read(fd, v, sizeof(v)) == 0, "auxv: and no more");
	close(fd);
}

/* --- mounts ------------------------------------------------------------*/

/* The type of what is mounted at "/", the last one, in the old form. */
static void root_type(char *type)
{
	FILE *f = fopen("/proc/self/mounts", "r");
	char line[4096], at[2048], found[64];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %2047s %63s", at, found) == 2 &&
			!strcmp(at, "/"))
			strcpy(type, found);
	}
	if (f)
		fclose(f);
}

static void check_mountinfo(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "r");
	char line[4096], root[2048], at[2048], opts[1024], type[64];
	char want[64] = "", found[64] = "";
	int id, parent, good = 1, known = 1, lines = 0, have = 0;
	int ids[1024];
	unsigned major, minor;

	root_type(want);
	while (f && fgets(line, sizeof(line), f)) {
		const char *rest = strstr(line, " - ");

		lines++;
		if (!rest ||
			sscanf(line, "%d %d %u:%u %2047s %2047s %1023s", &id,
				&parent, &major, &minor, root, at, opts) != 7 ||
			sscanf(rest, " - %63s %*s %*s", type) != 1 ||
			*at != '/' ||
			(strncmp(opts, "rw", 2) && strncmp(opts, "ro", 2)))
			good = 0;
		else if (!strcmp(at, "/"))
			strcpy(found, type);
		for (int i = 0; i < have; i++)
			known &= ids[i] != id;
		if (have < 1024)
			ids[have++] = id;
	}
	ok(lines > 0 && good, "mountinfo: the fields of each line");
	ok(known, "mountinfo: a number of its own for each");
	ok(*want && !strcmp(want, found), "mountinfo: the root as in mounts");
	if (f)
		fclose(f);
}

int main(void)
{
	check_limits();
	check_auxv();
	check_mountinfo();
	printf("1..%u\n", ntests);
	return 0;
}

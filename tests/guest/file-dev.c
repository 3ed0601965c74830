/* SPDX-License-Identifier: Apache-2.0 */
/* /dev, /proc and /etc as programs look at them. */
#include "file-tap.h"

#include <pwd.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <time.h>

static void kind(const char *path)
{
	struct stat st;

	if (CALL(stat(path, &st)) == 0)
		printf("# %s: %o %u:%u\n", path, st.st_mode & S_IFMT,
			major(st.st_rdev), minor(st.st_rdev));
}

static void devices(void)
{
	char buf[16] = "xxxxxxxx", other[16];
	int fd;
	char *p;

	kind("/dev/null");
	kind("/dev/zero");
	kind("/dev/full");
	kind("/dev/random");
	kind("/dev/urandom");
	kind("/dev/tty");
	fd = OPEN(open("/dev/null", O_RDWR));
	CALL(read(fd, buf, 8));
	CALL(write(fd, buf, 8));
	CALL(lseek(fd, 100, SEEK_SET));
	CALL(lseek(fd, 0, SEEK_END));
	CALL(isatty(fd));
	CALL(close(fd));
	fd = OPEN(open("/dev/zero", O_RDWR | O_CREAT | O_TRUNC, 0600));
	CALL(read(fd, buf, 8));
	CHECK(!memcmp(buf, "\0\0\0\0\0\0\0\0", 8));
	CALL(write(fd, buf, 8));
	CALL(read(fd, (char *)16, 8));
	p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(p != MAP_FAILED && !p[5000] && (p[5000] = 1));
	CALL(close(fd));
	fd = OPEN(open("/dev/full", O_RDWR));
	CALL(write(fd, buf, 8));
	CALL(read(fd, buf, 8));
	CALL(close(fd));
	fd = OPEN(open("/dev/urandom", O_RDONLY));
	CALL(read(fd, buf, 16));
	CALL(read(fd, other, 16));
	CHECK(memcmp(buf, other, 16) != 0);
	CALL(close(fd));
	CALL(access("/dev/shm", W_OK));
	OPEN(open("/dev/none", O_RDWR));
	CALL(truncate("/dev/null", 0));
}

static void link_of(const char *path)
{
	char buf[256];
	long n = readlink(path, buf, sizeof(buf) - 1);

	if (n < 0) {
		CALL(n);
		return;
	}
	buf[n] = 0;
	printf("# %s -> %s\n", path, buf);
}

static void own(void)
{
	char path[64], buf[64], target[256];
	int fd = OPEN(open("file", O_RDWR | O_CREAT, 0600)), fd2;
	long n;

	link_of("/dev/fd");
	link_of("/dev/stdin");
	link_of("/dev/stdout");
	link_of("/dev/stderr");
	link_of("/proc/self/root");
	CALL(write(fd, "by number", 9));
	sprintf(path, "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target) - 1);
	target[n < 0 ? 0 : n] = 0;
	CHECK(strlen(target) > 5 && !strcmp(target + n - 5, "/file"));
	fd2 = OPEN(open(path, O_RDONLY));
	CALL(read(fd2, buf, 64));
	CALL(close(fd2));
	CALL(unlink("file"));
	n = readlink(path, target, sizeof(target) - 1);
	CHECK(n > 10 && !memcmp(target + n - 10, " (deleted)", 10));
	fd2 = OPEN(open(path, O_RDONLY));
	CALL(read(fd2, buf, 64));
	CALL(close(fd2));
	CALL(close(fd));
	OPEN(open(path, O_RDONLY));
	OPEN(open("/proc/self/fd/x", O_RDONLY));
	OPEN(open("/proc/self/fd", O_RDONLY | O_DIRECTORY));
	OPEN(open("/proc/self/cwd", O_RDONLY | O_DIRECTORY));
	OPEN(open("/proc/none", O_RDONLY));
	OPEN(open("/proc/none", O_RDWR | O_CREAT, 0600));
	CALL(mkdir("/proc/none", 0755));
	CALL(unlink("/proc/uptime"));
	CALL(access("/proc/self/exe", F_OK) == 0 ||
		readlink("/proc/self/exe", target, 9) == 9);
}

/* The first words of a file. */
static void starts(const char *path, const char *with)
{
	char buf[256];
	int fd = OPEN(open(path, O_RDONLY));
	long n = read(fd, buf, sizeof(buf));

	printf("%sok %d - %s begins with %s\n",
		n >= (long)strlen(with) && !memcmp(buf, with, strlen(with))
			? ""
			: "not ",
		++tap_count, path, with);
	CHECK(read(fd, buf, 0) == 0);
	CHECK(lseek(fd, 0, SEEK_SET) == 0 && read(fd, buf, 1) == 1 &&
		(!*with || *buf == *with));
	close(fd);
}

static void texts(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	char line[512], perms[8];
	unsigned long start, end, here = (unsigned long)&line, seen = 0;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx %7s", &start, &end, perms) != 3 ||
			strlen(perms) != 4)
			CALL(-1);
		if (here >= start && here < end)
			seen++;
	}
	CHECK(seen == 1);
	fclose(f);
	starts("/proc/meminfo", "MemTotal:");
	starts("/proc/cpuinfo", "processor\t: 0");
	starts("/proc/self/status", "Name:\t");
	starts("/proc/self/stat", "");
	starts("/proc/self/statm", "");
	starts("/proc/uptime", "");
	starts("/proc/version", "Linux version ");
	starts("/proc/stat", "cpu  ");
	starts("/proc/loadavg", "");
	starts("/proc/filesystems", "nodev\t");
	starts("/proc/mounts", "");
	starts("/proc/sys/kernel/ostype", "Linux\n");
	starts("/proc/sys/kernel/random/uuid", "");
	starts("/sys/devices/system/cpu/online", "0");
	starts("/proc/thread-self/comm", "");
	starts("/etc/hosts", "");
}

int main(void)
{
	struct passwd *p = getpwuid(0);
	time_t zero = 0;
	char text[64];

	tap_enter("file-dev");
	devices();
	own();
	texts();
	CHECK(p && !strcmp(p->pw_name, "root") && !strcmp(p->pw_dir, "/root"));
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %Z", localtime(&zero));
	printf("# %s\n", text);
	return tap_done();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The program's root: the image's files under a writable layer in memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init.h"

#define ROOT         "/root"
#define NODEV_NOEXEC (MS_NOSUID | MS_NODEV | MS_NOEXEC)

enum {
	PARTITIONS_MAX = 16,
	SUPER_AT = 1024, /* EROFS on-disk format: the superblock's place */
	DISK_MS = 2000
};
static const unsigned char erofs_magic[] = {0xe2, 0xe1, 0xf5, 0xe0};

static int has_files(const char *device)
{
	unsigned char magic[sizeof(erofs_magic)] = {0};
	int fd = open(device, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (pread(fd, magic, sizeof(magic), SUPER_AT) != sizeof(magic))
		magic[0] = 0;
	close(fd);
	return !memcmp(magic, erofs_magic, sizeof(magic));
}

/* The partition of the first disk that holds EROFS. */
static int find_files(char *device, size_t n)
{
	for (int i = 1; i <= PARTITIONS_MAX; i++) {
		snprintf(device, n, "/dev/vda%d", i);
		if (has_files(device))
			return 1;
	}
	return 0;
}

static void make_dirs(const char *path)
{
	char *copy = strdup(path);

	for (char *p = copy; copy && (p = strchr(p + 1, '/'));) {
		*p = 0;
		mkdir(copy, 0755);
		*p = '/';
	}
	free(copy);
	mkdir(path, 0755);
}

static void mount_files(void)
{
	char device[32];

	mkdir(ROOT, 0755);
	if (record_flags() & RECORD_F_NO_VDA || access("/dev/vda", F_OK) < 0 ||
		!find_files(device, sizeof(device))) {
		if (mount("root", ROOT, "tmpfs", 0, "mode=755") < 0)
			die("mount the root");
		return;
	}
	modules_load("root");
	mkdir("/lower", 0755);
	mkdir("/upper", 0755);
	if (mount(device, "/lower", "erofs", MS_RDONLY, NULL) < 0)
		die("mount %s", device);
	if (mount("upper", "/upper", "tmpfs", 0, "mode=755") < 0)
		die("mount the writable layer");
	mkdir("/upper/files", 0755);
	mkdir("/upper/work", 0755);
	if (mount("overlay", ROOT, "overlay", 0,
		    "lowerdir=/lower,upperdir=/upper/files,"
		    "workdir=/upper/work") < 0)
		die("mount the root");
}

/* The initramfs stays below, but what it held is memory again. */
static void enter(void)
{
	static const char *const moved[] = {"/dev", "/proc", "/sys"};
	char to[32];

	for (size_t i = 0; i < 3; i++) {
		snprintf(to, sizeof(to), ROOT "%s", moved[i]);
		mkdir(to, 0755);
		if (mount(moved[i], to, NULL, MS_MOVE, NULL) < 0)
			die("move %s", moved[i]);
	}
	if (chdir(ROOT) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 ||
		chroot(".") < 0 || chdir("/") < 0)
		die("enter the root");
}

/* An image's own files in /tmp are not hidden. */
static void mount_more(void)
{
	static const char *const links[][2] = {
		{"/proc/self/fd", "/dev/fd"},
		{"/proc/self/fd/0", "/dev/stdin"},
		{"/proc/self/fd/1", "/dev/stdout"},
		{"/proc/self/fd/2", "/dev/stderr"},
	};

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (symlink(links[i][0], links[i][1]) < 0 && errno != EEXIST)
			die("make %s", links[i][1]);
	mkdir("/dev/pts", 0755);
	mkdir("/dev/shm", 01777);
	if (mount("pts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		    "mode=620,ptmxmode=666") < 0 ||
		mount("shm", "/dev/shm", "tmpfs", NODEV_NOEXEC, "mode=1777") <
			0)
		die("mount /dev/pts, /dev/shm");
	mkdir("/tmp", 01777);
	if (rmdir("/tmp") == 0 &&
		(mkdir("/tmp", 01777) < 0 ||
			mount("tmp", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV,
				"mode=1777") < 0))
		die("mount /tmp");
}

/* --- files ----------------------------------------------------------------*/

static void make_parents(const char *path)
{
	char *copy = strdup(path);
	char *slash = copy ? strrchr(copy, '/') : NULL;

	if (slash && slash != copy) {
		*slash = 0;
		make_dirs(copy);
	}
	free(copy);
}

static void write_file(const char *path, const void *p, size_t n, mode_t mode)
{
	int fd;

	make_parents(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		die("write %s", path);
	close(fd);
}

static void write_absent(const char *path, const char *text)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		write_file(path, text, strlen(text), 0644);
}

/* Programs ask for these; an image need not have them. */
static void make_etc(void)
{
	char name[256];

	write_absent("/etc/passwd",
		"root:x:0:0:root:/root:/bin/sh\n"
		"nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n");
	write_absent("/etc/group", "root:x:0:\nnogroup:x:65534:\n");
	write_absent("/etc/hosts",
		"127.0.0.1\tlocalhost\n"
		"::1\tlocalhost ip6-localhost ip6-loopback\n");
	write_absent("/etc/resolv.conf", "");
	write_absent("/etc/nsswitch.conf",
		"passwd: files\ngroup: files\nhosts: files dns\n");
	snprintf(name, sizeof(name), "%s\n",
		record_text(RECORD_HOSTNAME, "localhost"));
	write_absent("/etc/hostname", name);
}

static void take_files(void)
{
	const struct item *i;
	size_t at = 0;

	while ((i = record_next(RECORD_FILE, &at))) {
		size_t n = strlen(i->data) + 1;

		if (n > i->len || i->data[0] != '/')
			die("boot record: a file without a path");
		write_file(i->data, i->data + n, i->len - n, 0644);
	}
}

/* --- volumes --------------------------------------------------------------*/

/* A word of an option list, "NAME" or "NAME=VALUE": the value, or NULL. */
static const char *option(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = list; *p; p += strcspn(p, ","), p += *p == ',')
		if (!strncmp(p, name, n) && (!p[n] || strchr(",=", p[n])))
			return p[n] == '=' ? p + n + 1 : p + n;
	return NULL;
}

static unsigned long number(const char *text, int base, unsigned long otherwise)
{
	return text ? strtoul(text, NULL, base) : otherwise;
}

static void mount_tmpfs(const char *path, const char *options)
{
	char data[64];
	const char *size = option(options, "size");

	snprintf(data, sizeof(data), "mode=%lo%s%.*s",
		number(option(options, "mode"), 8, 01777), size ? ",size=" : "",
		size ? (int)strcspn(size, ",") : 0, size ? size : "");
	make_dirs(path);
	if (mount("tmpfs", path, "tmpfs",
		    MS_NOSUID | MS_NODEV |
			    (option(options, "ro") ? MS_RDONLY : 0),
		    data) < 0)
		die("mount %s", path);
}

/* One file, of which the content is all there is: nobody changes it. */
static void mount_file(
	const char *path, const char *options, const char *p, size_t n)
{
	struct timespec times[2] = {{0}, {0}};

	write_file(path, p, n, 0644);
	times[0].tv_sec = times[1].tv_sec =
		(time_t)number(option(options, "mtime"), 10, 0);
	if (chown(path, (uid_t)number(option(options, "uid"), 10, 0),
		    (gid_t)number(option(options, "gid"), 10, 0)) < 0 ||
		chmod(path, (mode_t)number(option(options, "mode"), 8, 0444)) <
			0 ||
		utimensat(AT_FDCWD, path, times, 0) < 0 ||
		mount(path, path, NULL, MS_BIND, NULL) < 0 ||
		mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY,
			NULL) < 0)
		die("mount %s", path);
}

static void mount_9p(const char *tag, const char *path, const char *options)
{
	make_dirs(path);
	if (mount(tag, path, "9p",
		    MS_NOSUID | MS_NODEV |
			    (option(options, "ro") ? MS_RDONLY : 0),
		    "trans=virtio,version=9p2000.L,msize=524288,cache=mmap") <
		0)
		die("mount %s", path);
}

static void mount_volumes(void)
{
	const struct item *i;
	size_t at = 0;

	while ((i = record_next(RECORD_MOUNT, &at))) {
		const char *tag = i->data, *end = i->data + i->len;
		const char *path = tag + strlen(tag) + 1;
		const char *options =
			path < end ? path + strlen(path) + 1 : end;
		const char *data;

		if (options >= end)
			die("boot record: a volume without a path");
		data = options + strlen(options) + 1;
		if (option(options, "tmpfs"))
			mount_tmpfs(path, options);
		else if (option(options, "file"))
			mount_file(path, options, data,
				data < end ? (size_t)(end - data) : 0);
		else
			mount_9p(tag, path, options);
	}
}

void root_make(void)
{
	size_t at = 0;

	if (record_next(RECORD_MOUNT, &at))
		modules_load("9p");
	mount_files();
	enter();
	mount_more();
	make_etc();
	take_files();
	mount_volumes();
}

void root_end(void)
{
	const struct item *i;
	size_t at = 0;

	sync();
	while ((i = record_next(RECORD_MOUNT, &at)))
		umount2(i->data + strlen(i->data) + 1, MNT_DETACH);
	sync();
}

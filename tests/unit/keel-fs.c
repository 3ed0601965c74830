/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keel's files on the host: images of mkfs.erofs, memory that runs short,
 * the generated tree.
 *	keel-fs tree IMAGE DIR		the same tree, also in little memory
 *	keel-fs refuse IMAGE		an image that is damaged: no root
 *	keel-fs TEST IMAGE		one of the tests below
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/dentry.h"
#include "fs/erofs.h"
#include "fs/inode.h"
#include "keel-fs-fake.h"
#include "keel-fs-tree.h"
#include "kern/boot.h"
#include "sys/proto.h"

#define CHECK(x)                                                        \
	do {                                                            \
		if (!(x))                                               \
			tree_fail("%s:%d: %s", __func__, __LINE__, #x); \
	} while (0)

static long open_at(const char *path, int flags)
{
	return do_openat(AT_FDCWD, (long)path, flags, 0644);
}

static bool has_text(const char *path, const char *text)
{
	char buf[4096];
	long fd = open_at(path, O_RDONLY), n;

	if (fd < 0)
		return false;
	n = do_read(fd, (long)buf, sizeof(buf) - 1);
	do_close(fd);
	buf[n < 0 ? 0 : n] = 0;
	return n >= 0 && strstr(buf, text);
}

static void test_tree(const char *image, const char *dir)
{
	int n;

	tree_mount(image);
	n = tree_compare(dir, "", TREE_TIMES);
	printf("# %d names, %u requests\n", n, fake_requests);
	/* Again with little memory: pages and names are given back. */
	fake_pages = fake_pages_used < 600 ? 600 : fake_pages_used;
	CHECK(tree_compare(dir, "", TREE_TIMES) == n);
	CHECK(fake_pages_used <= fake_pages);
}

static void test_refuse(const char *image)
{
	struct fs *fs = mount_new("overlay", 0);
	struct inode *root;
	int fd = open(image, O_RDONLY);
	struct stat st;
	uint8_t *p;

	CHECK(fs && fd >= 0 && !fstat(fd, &st));
	p = calloc(1, st.st_size + 1);
	CHECK(read(fd, p, st.st_size) == st.st_size);
	fake_image = p;
	fake_image_size = st.st_size;
	CHECK(erofs_mount(fs, fake_disk(), &root) < 0);
	free(p);
	close(fd);
}

/* Reads in lots, not a page or a sector each. */
static void reads_ahead(void)
{
	static char buf[1 << 20];
	long fd = open_at("large", O_RDONLY);
	unsigned before = fake_requests;

	CHECK(fd >= 0);
	CHECK(do_read(fd, (long)buf, sizeof(buf)) == sizeof(buf));
	CHECK(fake_requests - before <= 12);
	before = fake_requests;
	CHECK(do_lseek(fd, 0, SEEK_SET) == 0);
	CHECK(do_read(fd, (long)buf, sizeof(buf)) == sizeof(buf));
	CHECK(fake_requests == before);
	for (int i = 0; i < 256; i++) /* small reads in order */
		CHECK(do_read(fd, (long)buf, 4096) == 4096);
	CHECK(fake_requests - before <= 16);
	do_close(fd);
}

/* Written pages stay, clean ones go; then an honest error, and it heals. */
static void memory_runs_short(void)
{
	static char buf[65536];
	long fd = open_at("new", O_RDWR | O_CREAT), r, total = 0;
	uint64_t used = fake_pages_used;

	memset(buf, 'x', sizeof(buf));
	fake_pages = 1024;
	while ((r = do_write(fd, (long)buf, sizeof(buf))) > 0)
		total += r;
	CHECK(r == -ENOSPC);
	CHECK(total > 2 << 20);
	CHECK(do_fallocate(fd, 0, total, 1 << 30) == -ENOSPC);
	CHECK(do_openat(AT_FDCWD, (long)"large", O_RDONLY, 0) >= 0);
	CHECK(do_pread64(fd, (long)buf, 10, 5) == 10 && buf[9] == 'x');
	CHECK(do_ftruncate(fd, 4096) == 0);
	CHECK(do_pwrite64(fd, (long)buf, sizeof(buf), 0) == sizeof(buf));
	CHECK(do_unlink((long)"new") == 0);
	CHECK(do_close(fd) == 0);
	CHECK(fake_pages_used <= used + 700);
	/* A file larger than memory can be read again and again. */
	fake_pages = fake_pages_used + 40;
	for (int i = 0; i < 3; i++) {
		long at = 0;

		fd = open_at("large", O_RDONLY);
		while ((r = do_read(fd, (long)buf, sizeof(buf))) > 0)
			at += r;
		CHECK(r == 0 && at > 3000000);
		do_close(fd);
	}
}

/* Each allocation in turn fails: an error, and no harm. */
static void allocations_fail(void)
{
	for (unsigned n = 1; n < 60; n++) {
		long fd, r;

		fake_fail_in = n;
		fd = open_at("many/new-name", O_RDWR | O_CREAT);
		if (fd >= 0) {
			r = do_pwrite64(fd, (long)"text", 4, 5000);
			CHECK(r == 4 || r == -ENOSPC);
			do_close(fd);
		} else {
			CHECK(fd == -ENOMEM || fd == -ENOSPC || fd == -ENOENT);
		}
		r = do_rename((long)"many/new-name", (long)"many/other");
		CHECK(!r || r == -ENOMEM || r == -ENOSPC || r == -ENOENT);
		r = do_rename((long)"many/other", (long)"moved");
		CHECK(!r || r == -ENOMEM || r == -ENOSPC || r == -ENOENT);
		do_symlink((long)"moved", (long)"sym");
		do_mkdir((long)"made", 0755);
		fake_fail_in = 0;
		do_unlink((long)"many/new-name");
		do_unlink((long)"many/other");
		do_unlink((long)"moved");
		do_unlink((long)"sym");
		do_rmdir((long)"made");
		CHECK(do_access((long)"many", 0) == 0);
	}
}

/* What goes is given back: rounds of everything end with the same memory. */
static void one_round(void)
{
	struct flock l = {.l_type = F_WRLCK, .l_len = 10};
	char path[64], buf[5000];
	int pipe[2];
	long fd;

	memset(buf, 1, sizeof(buf));
	for (int i = 0; i < 50; i++) {
		sprintf(path, "file-%d", i);
		fd = open_at(path, O_RDWR | O_CREAT);
		CHECK(do_pwrite64(fd, (long)buf, sizeof(buf), i * 3000000L) ==
			sizeof(buf));
		CHECK(do_fcntl(fd, F_SETLK, (long)&l) == 0);
		CHECK(do_fcntl(fd, F_OFD_SETLK, (long)&l) == -EAGAIN);
		CHECK(do_flock(fd, 2) == 0);
		CHECK(do_fallocate(fd, 3, 0, i * 4000000L + 1) == 0);
		CHECK(do_close(fd) == 0);
	}
	CHECK(do_mkdir((long)"folder", 0755) == 0);
	for (int i = 0; i < 50; i += 2) {
		char to[64];

		sprintf(path, "file-%d", i);
		sprintf(to, "folder/renamed-%d", i);
		CHECK(do_rename((long)path, (long)to) == 0);
		sprintf(path, "file-%d", i + 1);
		CHECK(do_rename((long)path, (long)to) == 0);
		CHECK(do_symlink((long)to, (long)path) == 0);
		CHECK(do_truncate((long)path, 100) == 0);
		CHECK(do_unlink((long)path) == 0);
		CHECK(do_unlink((long)to) == 0);
	}
	CHECK(do_rmdir((long)"folder") == 0);
	fd = do_openat(AT_FDCWD, (long)".", O_TMPFILE | O_RDWR, 0600);
	CHECK(fd >= 0 && do_write(fd, (long)buf, 5000) == 5000);
	CHECK(do_close(fd) == 0);
	CHECK(do_pipe((long)pipe) == 0);
	CHECK(do_write(pipe[1], (long)buf, 5000) == 5000);
	CHECK(do_close(pipe[0]) == 0 && do_close(pipe[1]) == 0);
	CHECK(has_text("/proc/self/status", "Name:"));
	CHECK(do_readlink((long)"/proc/self/fd/0", (long)buf, 64) > 0);
	fd = open_at("/proc/self/fd", O_RDONLY | O_DIRECTORY);
	CHECK(do_getdents64(fd, (long)buf, sizeof(buf)) > 0);
	CHECK(do_close(fd) == 0);
}

static void nothing_is_lost(void)
{
	uint64_t allocs, pages;

	one_round();
	allocs = fake_allocs;
	pages = fake_pages_used;
	for (int i = 0; i < 5; i++)
		one_round();
	CHECK(fake_allocs == allocs);
	CHECK(fake_pages_used == pages);
}

/* A disk that fails gives EIO, and works again when it does. */
static void disk_fails(void)
{
	char buf[100];
	long fd = open_at("large", O_RDONLY);

	CHECK(fd >= 0);
	fake_disk_error = true;
	CHECK(do_pread64(fd, (long)buf, 100, 2 << 20) == -EIO);
	CHECK(do_pwrite64(fd, (long)buf, 100, 2 << 20) == -EBADF);
	fake_disk_error = false;
	CHECK(do_pread64(fd, (long)buf, 100, 2 << 20) == 100);
	do_close(fd);
}

/* Names are forgotten when there are many, and read again. */
static void names_are_forgotten(void)
{
	char path[64];
	uint64_t allocs = 0;
	struct stat st;
	ino_t first = 0;

	fake_pages = 4096;
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 2000; i++) {
			sprintf(path, "many/entry-%04d", i);
			CHECK(do_stat((long)path, (long)&st) == 0);
		}
		CHECK(do_stat((long)"many/entry-0007", (long)&st) == 0);
		CHECK(!first || st.st_ino == first);
		first = st.st_ino;
		if (round == 1)
			allocs = fake_allocs;
	}
	CHECK(fake_allocs <= allocs + 4000);
	CHECK(fake_allocs < 6000);
}

static void generated_tree(void)
{
	char buf[64];
	long fd;

	CHECK(has_text("/proc/meminfo", "MemTotal:"));
	CHECK(has_text("/proc/self/maps", "[fake]"));
	CHECK(has_text("/proc/self/status", "Name:\ttest"));
	CHECK(has_text("/proc/mounts", "overlay / overlay rw"));
	CHECK(has_text("/proc/cpuinfo", "processor"));
	CHECK(has_text("/etc/passwd", "root:x:0:0"));
	CHECK(has_text("/etc/hosts", "from the record"));
	CHECK(has_text("/made/by/record", "deep"));
	CHECK(has_text("/etc/hostname", "ship"));
	CHECK(has_text("/etc/resolv.conf", "server"));
	CHECK(do_getcwd((long)buf, 64) == 10 && !strcmp(buf, "/some/dir"));
	CHECK(do_readlink((long)"/proc/self/exe", (long)buf, 64) == 5);
	CHECK(has_text("/proc/self/cmdline", "prog"));
	fd = open_at("/dev/vda", O_RDONLY);
	CHECK(fd >= 0 && do_pread64(fd, (long)buf, 64, 1000) == 64);
	CHECK(do_lseek(fd, 0, SEEK_END) == (long)fake_image_size);
	do_close(fd);
	fd = open_at("/dev/stdout", O_WRONLY);
	CHECK(fd >= 0 && do_write(fd, (long)"out", 3) == 3 &&
		fake_out_len == 3);
	do_close(fd);
	CHECK(open_at("/dev/tty", O_RDWR) == -ENXIO);
}

static void pipes_and_signals(void)
{
	struct pollfd p = {.events = POLLIN};
	char buf[8];
	int fd[2];

	CHECK(do_pipe2((long)fd, 0) == 0);
	CHECK(do_read(fd[0], (long)buf, 8) == -EINTR); /* nobody writes */
	p.fd = fd[0];
	CHECK(do_poll((long)&p, 1, 100) == 0);
	CHECK(do_write(fd[1], (long)"abc", 3) == 3);
	CHECK(do_poll((long)&p, 1, -1) == 1 && p.revents == POLLIN);
	CHECK(do_close(fd[0]) == 0);
	CHECK(do_write(fd[1], (long)"abc", 3) == -EPIPE && fake_signals == 1);
	CHECK(do_close(fd[1]) == 0);
}

/* Lower files keep their number and their other names when written. */
static void written_lower_files(void)
{
	struct stat a, b;
	long fd;

	CHECK(do_stat((long)"hard1", (long)&a) == 0);
	fd = open_at("hard1", O_RDWR);
	CHECK(do_pwrite64(fd, (long)"CHANGED", 7, 0) == 7);
	do_close(fd);
	CHECK(do_stat((long)"hard2", (long)&b) == 0);
	CHECK(a.st_ino == b.st_ino && b.st_nlink == 2);
	CHECK(has_text("hard2", "CHANGED"));
	CHECK(do_unlink((long)"hard1") == 0);
	CHECK(has_text("hard2", "CHANGED"));
	CHECK(do_stat((long)"hard2", (long)&b) == 0 && b.st_nlink == 1);
	CHECK(do_rename((long)"many", (long)"less") == 0);
	CHECK(do_access((long)"less/entry-1999", 0) == 0);
	CHECK(do_access((long)"many", 0) == -ENOENT);
	CHECK(do_rmdir((long)"less") == -ENOTEMPTY);
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{"reads_ahead", reads_ahead},
	{"memory_runs_short", memory_runs_short},
	{"allocations_fail", allocations_fail},
	{"nothing_is_lost", nothing_is_lost},
	{"disk_fails", disk_fails},
	{"names_are_forgotten", names_are_forgotten},
	{"generated_tree", generated_tree},
	{"pipes_and_signals", pipes_and_signals},
	{"written_lower_files", written_lower_files},
};

/* The record that all tests boot with. */
static void make_record(void)
{
	static uint64_t record[64];
	static const struct {
		uint32_t type, len;
		const char *data;
	} items[] = {
		{RECORD_ARG, 4, "prog"},
		{RECORD_CWD, 9, "/some/dir"},
		{RECORD_HOSTNAME, 4, "ship"},
		{RECORD_FILE, 26, "/etc/hosts\0from the record"},
		{RECORD_FILE, 20, "/made/by/record\0deep"},
		{RECORD_FILE, 23, "/etc/resolv.conf\0server"},
		{RECORD_FILE, 5, "noNUL"},
	};
	char *p = (char *)record;

	for (unsigned i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		memcpy(p, &items[i].type, 4);
		memcpy(p + 4, &items[i].len, 4);
		memcpy(p + 8, items[i].data, items[i].len);
		p += 8 + (items[i].len + 7) / 8 * 8;
	}
	fake_record = record;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "tree")) {
		test_tree(argv[2], argv[3]);
		return 0;
	}
	if (argc == 3 && !strcmp(argv[1], "refuse")) {
		test_refuse(argv[2]);
		return 0;
	}
	for (unsigned i = 0; argc == 3 && i < sizeof(tests) / sizeof(*tests);
		i++) {
		if (strcmp(argv[1], tests[i].name))
			continue;
		make_record();
		tree_mount(argv[2]);
		if (strcmp(argv[1], "generated_tree"))
			do_chdir((long)"/");
		tests[i].run();
		return 0;
	}
	tree_fail("usage: keel-fs TEST IMAGE [DIR]");
}

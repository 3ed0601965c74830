/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same random calls on the host's files and on keel's: they must answer
 * the same and leave the same tree.
 *	keel-fs-random IMAGE DIR SEED STEPS
 * DIR is a copy of what is in IMAGE; it is changed. The trees are compared
 * each EVERY (500) steps, and TRACE=1 prints the steps.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fs/dentry.h"
#include "fs/file.h"
#include "keel-fs-fake.h"
#include "keel-fs-tree.h"
#include "sys/proto.h"

static int step;

static unsigned pick(unsigned n)
{
	return (unsigned)random() % n;
}

/* A path of one to three names, most of which exist at some time. */
static char *any_path(char *buf)
{
	static const char *const names[] = {
		"a", "b", "c", "d", "e", "big", "sub", "link", ".", "f"};
	int n = 1 + pick(3);

	*buf = 0;
	for (int i = 0; i < n; i++) {
		if (i)
			strcat(buf, "/");
		strcat(buf, names[pick(10)]);
	}
	if (!pick(20))
		strcat(buf, "/");
	return buf;
}

static long host(long r)
{
	return r == -1 ? -errno : r;
}

static void same(const char *what, const char *path, long here, long there)
{
	if (here != there)
		tree_fail("step %d: %s %s: %ld, here %ld", step, what, path,
			there, here);
}

static char here_buf[70000], there_buf[70000];

/* A page as a mapping gets it: the same content, and what is written there
 * is in the file, but not behind its end. */
static void use_page(const char *path, int fd, long other)
{
	bool write = pick(2) &&
		     (fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND)) == O_RDWR;
	uint64_t index = pick(30), start = index * PAGE_SIZE;
	struct file *f = fd_get((int)other);
	struct page *p;
	struct stat st;
	char *va;
	int err;

	if (fstat(fd, &st))
		st.st_size = 0;
	if (f->ops->get_page) {
		err = f->ops->get_page(f, index, write, &p);
		same("get_page", path,
			start < (uint64_t)st.st_size ? 0 : -ENXIO, err);
	} else {
		err = -EINVAL;
	}
	file_put(f);
	if (err)
		return;
	va = page_va(p);
	memset(here_buf, 0, PAGE_SIZE);
	if ((fcntl(fd, F_GETFL) & O_ACCMODE) != O_WRONLY &&
		pread(fd, here_buf, PAGE_SIZE, (long)start) >= 0 &&
		memcmp(here_buf, va, MIN(PAGE_SIZE, st.st_size - start)))
		tree_fail("step %d: %s: another page %lu", step, path, index);
	if (write) {
		memset(va, step, PAGE_SIZE);
		memset(here_buf, step, PAGE_SIZE);
		same("write", path, 1,
			pwrite(fd, here_buf, MIN(PAGE_SIZE, st.st_size - start),
				(long)start) > 0);
	}
	page_put(p);
}

static void use_file(const char *path, int fd, long other)
{
	long at = pick(40) ? pick(40000) : pick(4000000);
	long n = pick(3) ? pick(5000) : pick(60000);
	int what = pick(8);
	struct stat a, b;

	if (getenv("TRACE"))
		printf("  %d at %ld, %ld\n", what, at, n);
	switch (what) {
	case 0:
		memset(here_buf, 0, sizeof(here_buf));
		memset(there_buf, 0, sizeof(there_buf));
		same("pread", path, host(pread(fd, here_buf, n, at)),
			do_pread64(other, (long)there_buf, n, at));
		if (memcmp(here_buf, there_buf, sizeof(here_buf)))
			tree_fail("step %d: other content at %ld of %s", step,
				at, path);
		break;
	case 1:
	case 2:
		for (long i = 0; i < n; i++)
			here_buf[i] = (char)(random() >> 5);
		same("pwrite", path, host(pwrite(fd, here_buf, n, at)),
			do_pwrite64(other, (long)here_buf, n, at));
		break;
	case 3:
		same("ftruncate", path, host(ftruncate(fd, at)),
			do_ftruncate(other, at));
		break;
	case 4: {
		static const int modes[] = {0, 1, 3, 16, 17, 2};
		int mode = modes[pick(6)];

		same("fallocate", path, host(fallocate(fd, mode, at, n)),
			do_fallocate(other, mode, at, n));
		break;
	}
	case 5:
	case 6:
		use_page(path, fd, other);
		break;
	default:
		same("fstat", path, host(fstat(fd, &a)),
			do_fstat(other, (long)&b));
		same("size", path, S_ISDIR(a.st_mode) ? 0 : a.st_size,
			S_ISDIR(b.st_mode) ? 0 : b.st_size);
	}
}

static void open_one(const char *path)
{
	static const int more[] = {0, O_TRUNC, O_APPEND, O_EXCL, O_DIRECTORY,
		O_NOFOLLOW, O_PATH, 0, 0, 0};
	int flags = pick(3) | (pick(3) ? O_CREAT : 0) | more[pick(10)];
	int mode = pick(01000), fd;
	long other;

	/* O_PATH of the host ignores what it does not know. */
	fd = open(path, flags, mode);
	other = do_openat(AT_FDCWD, (long)path, flags, mode);
	same("open", path, fd < 0 ? -errno : 0, other < 0 ? other : 0);
	if (fd < 0)
		return;
	for (int i = pick(4); i; i--)
		use_file(path, fd, other);
	close(fd);
	do_close(other);
}

static void two_paths(const char *path)
{
	char to[64];
	unsigned flags = pick(3) ? 0 : 1 + pick(2);

	any_path(to);
	switch (pick(4)) {
	case 0:
		same("link", path, host(link(path, to)),
			do_link((long)path, (long)to));
		break;
	case 1:
		same("symlink", path, host(symlink(path, to)),
			do_symlink((long)path, (long)to));
		break;
	default:
		same("rename", path,
			host(syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD,
				to, flags)),
			do_renameat2(AT_FDCWD, (long)path, AT_FDCWD, (long)to,
				flags));
	}
}

static void one_path(const char *path)
{
	struct stat a, b;
	int mode = pick(010000);

	switch (pick(9)) {
	case 0:
	case 1:
		same("mkdir", path, host(mkdir(path, mode)),
			do_mkdir((long)path, mode));
		break;
	case 2:
		same("rmdir", path, host(rmdir(path)), do_rmdir((long)path));
		break;
	case 3:
		same("unlink", path, host(unlink(path)), do_unlink((long)path));
		break;
	case 4:
		same("chmod", path, host(chmod(path, mode)),
			do_chmod((long)path, mode));
		break;
	case 5:
		same("readlink", path, host(readlink(path, here_buf, 100)),
			do_readlink((long)path, (long)there_buf, 100));
		break;
	case 6:
		same("truncate", path, host(truncate(path, mode)),
			do_truncate((long)path, mode));
		break;
	case 7:
		same("mknod", path, host(mknod(path, S_IFREG | 0644, 0)),
			do_mknod((long)path, S_IFREG | 0644, 0));
		break;
	default:
		same("stat", path, host(stat(path, &a)),
			do_stat((long)path, (long)&b));
	}
}

int main(int argc, char **argv)
{
	int steps = argc == 5 ? atoi(argv[4]) : 0;
	int every = getenv("EVERY") ? atoi(getenv("EVERY")) : 500;

	if (argc != 5)
		tree_fail("usage: keel-fs-random IMAGE DIR SEED STEPS");
	srandom(atoi(argv[3]));
	umask(022);
	tree_mount(argv[1]);
	dentry_keep = atoi(argv[3]) % 3 * 4; /* names are forgotten soon */
	if (chdir(argv[2]))
		tree_fail("%s: %m", argv[2]);
	for (step = 0; step < steps; step++) {
		char path[64];

		if (!pick(4))
			fake_shrink();
		any_path(path);
		if (getenv("TRACE"))
			printf("%d %s\n", step, path);
		if (pick(2))
			open_one(path);
		else if (pick(2))
			two_paths(path);
		else
			one_path(path);
		if (step % every == every - 1)
			tree_compare(".", "", 0);
	}
	tree_compare(".", "", 0);
	return 0;
}

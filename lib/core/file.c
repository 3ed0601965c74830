/* SPDX-License-Identifier: Apache-2.0 */
/* Files: whole reads and writes, copies that keep holes, path names. */
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"

enum { CHUNK = 128 * 1024 };

int file_read(const char *path, size_t max, struct buf *out, struct err *e)
{
	_free_ char *chunk = NULL;
	_close_ int fd = -1;
	_buf_ struct buf got = {0};
	struct stat st;
	ssize_t n;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "open %s", path);
	if (fstat(fd, &st) < 0)
		return err_errno(e, "stat %s", path);
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > max)
		return err_set(
			e, -EFBIG, "%s: larger than %zu bytes", path, max);
	chunk = xmalloc(CHUNK);
	for (;;) {
		n = read(fd, chunk, CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "read %s", path);
		if (n == 0)
			break;
		if ((size_t)n > max - got.len)
			return err_set(e, -EFBIG, "%s: larger than %zu bytes",
				path, max);
		buf_add(&got, chunk, (size_t)n);
	}
	buf_add(out, got.data, got.len);
	return 0;
}

int file_write_all(int fd, const void *p, size_t n, struct err *e)
{
	const char *at = p;
	ssize_t done;

	while (n) {
		done = write(fd, at, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_errno(e, "write");
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

int file_pwrite_all(
	int fd, const void *p, size_t n, uint64_t off, struct err *e)
{
	const char *at = p;
	ssize_t done;

	while (n) {
		done = pwrite(fd, at, n, (off_t)off);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_errno(e, "write");
		at += done;
		off += (uint64_t)done;
		n -= (size_t)done;
	}
	return 0;
}

/* Copies bytes that are data in `from`; stops early at its end. */
static int copy_data(int from, uint64_t from_off, int to, uint64_t to_off,
	uint64_t n, char *chunk, struct err *e)
{
	ssize_t got;
	int r;

	while (n) {
		got = pread(
			from, chunk, n < CHUNK ? n : CHUNK, (off_t)from_off);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(e, "read");
		if (got == 0)
			return err_set(e, -EIO, "read: file became shorter");
		r = file_pwrite_all(to, chunk, (size_t)got, to_off, e);
		if (r < 0)
			return r;
		from_off += (uint64_t)got;
		to_off += (uint64_t)got;
		n -= (uint64_t)got;
	}
	return 0;
}

/* Makes [off, off + n) read as zeros where the file already has bytes. */
static int copy_hole(
	int to, uint64_t off, uint64_t n, char *chunk, struct err *e)
{
	struct stat st;
	uint64_t part;
	int r;

	if (fstat(to, &st) < 0)
		return err_errno(e, "stat");
	if (off >= (uint64_t)st.st_size)
		return 0;
	if (n > (uint64_t)st.st_size - off)
		n = (uint64_t)st.st_size - off;
	if (fallocate(to, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		    (off_t)off, (off_t)n) == 0)
		return 0;
	memset(chunk, 0, CHUNK);
	while (n) {
		part = n < CHUNK ? n : CHUNK;
		r = file_pwrite_all(to, chunk, part, off, e);
		if (r < 0)
			return r;
		off += part;
		n -= part;
	}
	return 0;
}

/* Where the run that begins at `off` ends; *hole tells its kind. */
static uint64_t run_end(int fd, uint64_t off, uint64_t end, int *hole)
{
	off_t data = lseek(fd, (off_t)off, SEEK_DATA);
	off_t next;

	*hole = 0;
	if (data < 0 && errno != ENXIO)
		return end; /* the file system knows no holes */
	if (data < 0 || (uint64_t)data > off) {
		*hole = 1;
		return data < 0 || (uint64_t)data > end ? end : (uint64_t)data;
	}
	next = lseek(fd, (off_t)off, SEEK_HOLE);
	return next < 0 || (uint64_t)next > end ? end : (uint64_t)next;
}

int file_copy_range(int from, uint64_t from_off, int to, uint64_t to_off,
	uint64_t n, struct err *e)
{
	_free_ char *chunk = xmalloc(CHUNK);
	uint64_t at, end, next;
	struct stat st;
	int hole, r;

	if (fstat(from, &st) < 0)
		return err_errno(e, "stat");
	if (n == UINT64_MAX)
		n = (uint64_t)st.st_size > from_off
			    ? (uint64_t)st.st_size - from_off
			    : 0;
	if (n > (uint64_t)st.st_size || from_off > (uint64_t)st.st_size - n)
		return err_set(e, -EIO, "copy: beyond the end of the file");
	end = from_off + n;
	for (at = from_off; at < end; at = next) {
		next = run_end(from, at, end, &hole);
		r = hole ? copy_hole(to, to_off + (at - from_off), next - at,
				   chunk, e)
			 : copy_data(from, at, to, to_off + (at - from_off),
				   next - at, chunk, e);
		if (r < 0)
			return r;
	}
	if (fstat(to, &st) < 0)
		return err_errno(e, "stat");
	if ((uint64_t)st.st_size < to_off + n &&
		ftruncate(to, (off_t)(to_off + n)) < 0)
		return err_errno(e, "truncate");
	return 0;
}

char *path_join(const char *dir, const char *name)
{
	size_t len = strlen(dir);

	if (name[0] == '/' || len == 0)
		return xstrdup(name);
	return xasprintf("%s%s%s", dir, dir[len - 1] == '/' ? "" : "/", name);
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *path_dir(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	while (slash > path && slash[-1] == '/')
		slash--;
	if (slash == path)
		return xstrdup("/");
	return xstrndup(path, (size_t)(slash - path));
}

char *file_data_dir(struct err *e)
{
	const char *set = getenv("SLIPWAY_LIB");
	_free_ char *bin = NULL;
	_free_ char *top = NULL;
	char exe[PATH_MAX];
	ssize_t n;

	if (set && *set)
		return xstrdup(set);
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n < 0) {
		err_errno(e, "readlink /proc/self/exe");
		return NULL;
	}
	exe[n] = 0;
	bin = path_dir(exe);
	top = path_dir(bin);
	return path_join(top, "lib/slipway");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Removes temporaries whose makers were killed outright. */
#include "core/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"

#define ALNUM                        \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"abcdefghijklmnopqrstuvwxyz" \
	"0123456789"

/* "NAME.XXXXXX" */
static int has_random_end(const char *entry, size_t name_len)
{
	return strlen(entry) == name_len + 7 && entry[name_len] == '.' &&
	       strspn(entry + name_len + 1, ALNUM) == 6;
}

int sweep_is_temporary(const char *entry)
{
	size_t n = strlen(entry);

	return entry[0] == '.' && n > 8 && has_random_end(entry, n - 7);
}

int sweep_hold(int fd, const char *path)
{
	struct stat st;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : 0;
	/* Between its making and the lock another may have swept it. */
	return lstat(path, &st) < 0 && errno == ENOENT ? -EAGAIN : 0;
}

void sweep_one(const char *path)
{
	_close_ int fd =
		open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct err ignored;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != geteuid())
		return;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		file_remove_tree(path, &ignored);
}

void sweep_dir(const char *dir, const char *prefix)
{
	DIR *d = opendir(dir);
	struct dirent *at;

	while (d && (at = readdir(d))) {
		_free_ char *path = NULL;
		size_t n = prefix ? strlen(prefix) : 0;

		if (prefix ? strncmp(at->d_name, prefix, n) != 0 ||
					!has_random_end(at->d_name, n)
			   : !sweep_is_temporary(at->d_name))
			continue;
		path = path_join(dir, at->d_name);
		sweep_one(path);
	}
	if (d)
		closedir(d);
}

void sweep_beside(const char *path)
{
	_free_ char *dir = path_dir(path);
	_free_ char *prefix = xasprintf(".%s", path_base(path));

	sweep_dir(dir, prefix);
}

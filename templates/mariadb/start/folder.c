/* SPDX-License-Identifier: Apache-2.0 */
/* The data directory: whole, or not there. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "start.h"

/* No name of a database begins with a dot on disk. */
#define NEW     ".first-start"
#define NEW_DIR DATA_DIR "/" NEW
#define WHOLE   "whole" /* in NEW: all of it is on the disk */
#define TABLES  "mysql" /* the folder of the system's tables, moved last */

static int is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

static int open_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		fail("open %s", path);
	return fd;
}

/* Reads a folder from its beginning; the descriptor stays the caller's. */
static DIR *list_dir(int fd, const char *path)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);

	if (!d)
		fail("read %s", path);
	return d;
}

static void sync_fd(int fd, const char *path)
{
	if (fsync(fd) < 0)
		fail("sync %s", path);
}

static int is_folder(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

/* Everything below a folder: to the disk, or away. */
enum walk { WALK_SYNC, WALK_REMOVE };

static void walk(int dir, const char *name, enum walk what)
{
	int fd = openat(
		dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct dirent *de;
	DIR *d;

	if (fd < 0)
		fail("open %s", name);
	d = list_dir(fd, name);
	while ((de = readdir(d))) {
		if (is_dots(de->d_name))
			continue;
		if (is_folder(fd, de->d_name)) {
			walk(fd, de->d_name, what);
		} else if (what == WALK_REMOVE) {
			if (unlinkat(fd, de->d_name, 0) < 0)
				fail("remove %s", de->d_name);
		} else {
			int file = openat(fd, de->d_name, O_RDONLY | O_CLOEXEC);

			if (file < 0)
				fail("open %s", de->d_name);
			sync_fd(file, de->d_name);
			close(file);
		}
	}
	closedir(d);
	if (what == WALK_SYNC)
		sync_fd(fd, name);
	close(fd);
	if (what == WALK_REMOVE && unlinkat(dir, name, AT_REMOVEDIR) < 0)
		fail("remove %s", name);
}

/* What is not ours is not touched, and no database is made around it. */
static void refuse_others(int fd)
{
	DIR *d = list_dir(fd, DATA_DIR);
	struct dirent *de;

	while ((de = readdir(d))) {
		errno = 0;
		if (!is_dots(de->d_name) && strcmp(de->d_name, NEW) != 0 &&
			strcmp(de->d_name, "lost+found") != 0)
			fail("%s is not empty (there is %s) and is no data "
			     "directory",
				DATA_DIR, de->d_name);
	}
	closedir(d);
}

enum folder_state folder_look(void)
{
	enum folder_state state = FOLDER_NONE;
	int fd;

	if (mkdir(DATA_DIR, 0750) < 0 && errno != EEXIST)
		fail("make %s", DATA_DIR);
	fd = open_dir(DATA_DIR);
	if (is_folder(fd, TABLES)) {
		state = FOLDER_READY;
		if (is_folder(fd, NEW)) /* the last thing to be removed */
			walk(fd, NEW, WALK_REMOVE);
	} else if (faccessat(fd, NEW "/" WHOLE, F_OK, 0) == 0) {
		state = FOLDER_WHOLE;
	} else {
		refuse_others(fd);
	}
	close(fd);
	return state;
}

const char *folder_begin(void)
{
	int fd = open_dir(DATA_DIR);

	if (is_folder(fd, NEW))
		walk(fd, NEW, WALK_REMOVE);
	if (mkdirat(fd, NEW, 0750) < 0)
		fail("make %s", NEW_DIR);
	close(fd);
	return NEW_DIR;
}

/* It is whole when this name is on the disk, after all else is. */
static void mark_whole(int new)
{
	int fd = openat(
		new, WHOLE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	if (fd < 0)
		fail("make %s", NEW_DIR "/" WHOLE);
	sync_fd(fd, WHOLE);
	close(fd);
	sync_fd(new, NEW_DIR);
}

static void move_up(int new, int data, const char *name)
{
	if (renameat(new, name, data, name) < 0)
		fail("move %s to %s", name, DATA_DIR);
}

void folder_finish(void)
{
	int data = open_dir(DATA_DIR), new = open_dir(NEW_DIR);
	struct dirent *de;
	DIR *d;

	if (faccessat(new, WHOLE, F_OK, 0) < 0) {
		walk(data, NEW, WALK_SYNC);
		mark_whole(new);
	}
	/* A folder that changes may be read again: until nothing is left. */
	for (int moved = 1; moved;) {
		moved = 0;
		d = list_dir(new, NEW_DIR);
		while ((de = readdir(d)))
			if (!is_dots(de->d_name) &&
				strcmp(de->d_name, WHOLE) != 0 &&
				strcmp(de->d_name, TABLES) != 0) {
				move_up(new, data, de->d_name);
				moved = 1;
			}
		closedir(d);
	}
	sync_fd(data, DATA_DIR);
	move_up(new, data, TABLES);
	sync_fd(data, DATA_DIR);
	close(new);
	walk(data, NEW, WALK_REMOVE);
	close(data);
}

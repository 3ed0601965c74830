/* SPDX-License-Identifier: Apache-2.0 */
/* Output files and temporary folders: whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "core/outfile.h"
#include "core/proc.h"
#include "core/sweep.h"

/*
 * What a fatal signal has to remove. The handler reads the slots at any
 * moment: a slot is filled by storing its pointer last, and emptied
 * before its string is freed. One process, one thread writes.
 */
enum { NSLOTS = 64 };
static char *volatile tmp_file[NSLOTS];
static char *volatile tmp_dir[NSLOTS];
/* The lock of each folder (core/sweep.h), or -1. */
static int tmp_dir_fd[NSLOTS];

static void slot_put(char *volatile *slots, char *path)
{
	size_t i;

	for (i = 0; i < NSLOTS; i++) {
		if (!slots[i]) {
			slots[i] = path;
			return;
		}
	}
}

static void slot_drop(char *volatile *slots, const char *path)
{
	size_t i;

	for (i = 0; i < NSLOTS; i++) {
		if (slots[i] == path)
			slots[i] = NULL;
	}
}

/* Runs rm, since walking a tree is not safe in a signal handler. */
static void remove_temp_dirs(void)
{
	char arg0[] = "rm", arg1[] = "-rf", arg2[] = "--";
	char *argv[NSLOTS + 4] = {arg0, arg1, arg2};
	size_t i, n = 3;
	pid_t pid;

	for (i = 0; i < NSLOTS; i++) {
		if (tmp_dir[i])
			argv[n++] = tmp_dir[i];
	}
	if (n == 3)
		return;
	pid = fork();
	if (pid == 0) {
		execv("/bin/rm", argv);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void on_fatal_signal(int sig)
{
	size_t i;

	proc_kill_all(sig);
	for (i = 0; i < NSLOTS; i++) {
		if (tmp_file[i])
			unlink(tmp_file[i]);
	}
	remove_temp_dirs();
	signal(sig, SIG_DFL);
	raise(sig);
}

void file_catch_signals(void)
{
	static const int fatal[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction sa = {.sa_handler = on_fatal_signal};
	struct sigaction old;
	size_t i;

	for (i = 0; i < sizeof(fatal) / sizeof(*fatal); i++)
		sigaddset(&sa.sa_mask, fatal[i]);
	for (i = 0; i < sizeof(fatal) / sizeof(*fatal); i++) {
		/* What the caller ignores (nohup) stays ignored. */
		if (sigaction(fatal[i], NULL, &old) == 0 &&
			old.sa_handler != SIG_IGN)
			sigaction(fatal[i], &sa, NULL);
	}
}

/* A rename would put a file in the place of /dev/null, if root asks so. */
static int check_replaceable(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0 || S_ISREG(st.st_mode))
		return 0;
	if (S_ISDIR(st.st_mode))
		return err_set(e, -EISDIR, "create %s: Is a directory", path);
	return err_set(e, -EINVAL, "create %s: not a regular file", path);
}

/* A new file of a template's name, with the lock that says whose it is. */
static int make_temp_file(char *tmp)
{
	const size_t n = strlen(tmp);
	int fd;

	while ((fd = mkostemp(tmp, O_CLOEXEC)) >= 0) {
		if (sweep_hold(fd, tmp) == 0)
			break;
		close(fd);
		memset(tmp + n - 6, 'X', 6);
	}
	return fd;
}

int file_create(struct outfile *f, const char *path, mode_t mode, struct err *e)
{
	_free_ char *dir = path_dir(path);
	char *tmp;
	mode_t mask;
	int fd = check_replaceable(path, e);

	if (fd < 0)
		return fd;
	tmp = xasprintf("%s/.%s.XXXXXX", dir, path_base(path));
	slot_put(tmp_file, tmp);
	fd = make_temp_file(tmp);
	if (fd < 0) {
		err_errno(e, "create %s", path);
		slot_drop(tmp_file, tmp);
		free(tmp);
		return e->code;
	}
	mask = umask(0);
	umask(mask);
	if (fchmod(fd, mode & ~mask) < 0) {
		err_errno(e, "chmod %s", path);
		close(fd);
		unlink(tmp);
		slot_drop(tmp_file, tmp);
		free(tmp);
		return e->code;
	}
	f->fd = fd;
	f->tmp = tmp;
	f->path = xstrdup(path);
	return 0;
}

int file_commit_unsynced(struct outfile *f, struct err *e)
{
	int lock, r = 0;

	if (!f->tmp)
		return err_set(e, -EINVAL, "write: no file to finish");
	/* Held until the temporary has its name, or it could be swept. */
	lock = fcntl(f->fd, F_DUPFD_CLOEXEC, 0);
	if (close(f->fd) < 0)
		r = err_errno(e, "close %s", f->path);
	f->fd = -1;
	if (r == 0 && rename(f->tmp, f->path) < 0)
		r = err_errno(e, "rename to %s", f->path);
	if (r == 0) {
		slot_drop(tmp_file, f->tmp);
		free(f->tmp);
		f->tmp = NULL;
	}
	file_abort(f);
	if (lock >= 0)
		close(lock);
	return r;
}

int file_commit(struct outfile *f, struct err *e)
{
	if (f->tmp && fdatasync(f->fd) < 0 && errno != EINVAL &&
		errno != EROFS) {
		err_errno(e, "sync %s", f->path);
		file_abort(f);
		return e->code;
	}
	return file_commit_unsynced(f, e);
}

void file_abort(struct outfile *f)
{
	int saved = errno;

	if (!f->path)
		return; /* never created, or finished */
	if (f->fd >= 0)
		close(f->fd);
	if (f->tmp) {
		unlink(f->tmp);
		slot_drop(tmp_file, f->tmp);
		free(f->tmp);
	}
	free(f->path);
	*f = (struct outfile){.fd = -1};
	errno = saved;
}

int file_put(
	const char *path, const void *p, size_t n, mode_t mode, struct err *e)
{
	_outfile_ struct outfile f = {.fd = -1};
	int r;

	r = file_create(&f, path, mode, e);
	if (r < 0)
		return r;
	r = file_write_all(f.fd, p, n, e);
	if (r < 0)
		return err_wrap(e, "%s", path);
	return file_commit(&f, e);
}

/* A copy of its own: the caller frees its string when it likes. Without a slot
 * the lock stays, which is what keeps others from removing it. */
static void remember_dir(const char *path, int fd)
{
	size_t i;

	for (i = 0; i < NSLOTS && tmp_dir[i]; i++)
		;
	if (i < NSLOTS) {
		tmp_dir_fd[i] = fd;
		tmp_dir[i] = xstrdup(path);
	}
}

static char *make_temp_dir(char *path, const char *top, struct err *e)
{
	const size_t n = strlen(path);
	int fd;

	while (mkdtemp(path)) {
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && sweep_hold(fd, path) == 0) {
			remember_dir(path, fd);
			return path;
		}
		if (fd < 0 && errno != ENOENT) {
			remember_dir(path, -1);
			return path;
		}
		if (fd >= 0)
			close(fd);
		memset(path + n - 6, 'X', 6);
	}
	err_errno(e, "create a folder in %s", top);
	free(path);
	return NULL;
}

char *file_temp_dir(const char *prefix, struct err *e)
{
	const char *top = getenv("TMPDIR");

	if (!top || !*top)
		top = "/tmp";
	sweep_dir(top, prefix);
	return make_temp_dir(xasprintf("%s/%s.XXXXXX", top, prefix), top, e);
}

char *file_temp_dir_beside(const char *path, struct err *e)
{
	_free_ char *dir = path_dir(path);

	return make_temp_dir(
		xasprintf("%s/.%s.XXXXXX", dir, path_base(path)), dir, e);
}

int file_keep_temp_dir(const char *dir, const char *path, struct err *e)
{
	mode_t mask = umask(0);

	umask(mask);
	if (chmod(dir, 0755 & ~mask) < 0 || rename(dir, path) < 0)
		return err_errno(e, "rename %s to %s", dir, path);
	outfile_forget_dir(dir);
	return 0;
}

void outfile_forget_dir(const char *path)
{
	char *slot;
	size_t i;

	for (i = 0; i < NSLOTS; i++) {
		slot = tmp_dir[i];
		if (slot && strcmp(slot, path) == 0) {
			tmp_dir[i] = NULL;
			free(slot);
			if (tmp_dir_fd[i] >= 0)
				close(tmp_dir_fd[i]);
		}
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Processes: the only place that forks and executes. */
#include "core/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/log.h"
#include "core/mem.h"

/* Children of proc_run, for the handler of fatal signals. */
enum { NCHILDREN = 64 };
static volatile pid_t children[NCHILDREN];

static void child_put(pid_t pid)
{
	size_t i;

	for (i = 0; i < NCHILDREN; i++) {
		if (!children[i]) {
			children[i] = pid;
			return;
		}
	}
}

static void child_drop(pid_t pid)
{
	size_t i;

	for (i = 0; i < NCHILDREN; i++) {
		if (children[i] == pid)
			children[i] = 0;
	}
}

/* /proc/PID/task/PID/children; a handler of signals may call no printf. */
static int open_children(pid_t pid)
{
	static const char *const part[] = {"/proc/", "/task/", "/children"};
	char digits[12], path[64] = "", *to = path;
	size_t i, n = sizeof(digits) - 1;

	digits[n] = 0;
	for (; pid; pid /= 10)
		digits[--n] = (char)('0' + pid % 10);
	for (i = 0; i < 3; i++) {
		to = stpcpy(to, part[i]);
		if (i < 2)
			to = stpcpy(to, digits + n);
	}
	return open(path, O_RDONLY | O_CLOEXEC);
}

/*
 * Children before their parent: a driver of compilers removes its
 * temporary files when it is told to end, and the compiler that it leaves
 * behind would write them again. Without /proc it is the process alone.
 */
static void kill_tree(pid_t pid, int sig, int depth)
{
	enum { DEPTH_MAX = 16 };
	char text[256];
	pid_t child = 0;
	ssize_t n, i;
	int fd = depth < DEPTH_MAX ? open_children(pid) : -1;

	while (fd >= 0 && (n = read(fd, text, sizeof(text))) > 0) {
		for (i = 0; i < n; i++) {
			if (text[i] >= '0' && text[i] <= '9') {
				child = child * 10 + (text[i] - '0');
			} else if (child) {
				kill_tree(child, sig, depth + 1);
				child = 0;
			}
		}
	}
	if (fd >= 0)
		close(fd);
	kill(pid, sig);
}

void proc_kill_all(int sig)
{
	static const struct timespec step = {.tv_nsec = 5000000};
	int left_ms = 2000;
	size_t i;

	for (i = 0; i < NCHILDREN; i++) {
		if (children[i] > 0)
			kill_tree(children[i], sig, 0);
	}
	/* They tidy up, too. */
	for (i = 0; i < NCHILDREN; i++) {
		while (children[i] > 0 && left_ms > 0 &&
			waitpid(children[i], NULL, WNOHANG) == 0) {
			nanosleep(&step, NULL);
			left_ms -= 5;
		}
	}
}

static size_t key_len(const char *entry)
{
	return strcspn(entry, "=");
}

/* The inherited environment with `extra` over it; the caller frees the
 * array, not the strings. */
static char **merge_env(char *const *extra)
{
	size_t i, j, n = 0, len;
	char **env;

	for (i = 0; environ[i]; i++)
		n++;
	for (i = 0; extra && extra[i]; i++)
		n++;
	env = xcalloc(n + 1, sizeof(*env));
	n = 0;
	for (i = 0; environ[i]; i++) {
		len = key_len(environ[i]);
		for (j = 0; extra && extra[j]; j++) {
			if (key_len(extra[j]) == len &&
				memcmp(extra[j], environ[i], len) == 0)
				break;
		}
		if (!extra || !extra[j])
			env[n++] = environ[i];
	}
	for (j = 0; extra && extra[j]; j++)
		env[n++] = extra[j];
	return env;
}

/* A descriptor that is safe to dup2 onto 0, 1 and 2 in any order. */
static int lift_fd(int fd, int *lifted)
{
	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	*lifted = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return *lifted;
}

static int add_fd(posix_spawn_file_actions_t *fa, int fd, int onto)
{
	if (fd == PROC_INHERIT)
		return 0;
	if (fd == -1)
		return posix_spawn_file_actions_addopen(fa, onto, "/dev/null",
			onto == STDIN_FILENO ? O_RDONLY : O_WRONLY, 0);
	return posix_spawn_file_actions_adddup2(fa, fd, onto);
}

static int set_actions(
	posix_spawn_file_actions_t *fa, const struct proc *p, const int fds[3])
{
	int i, r = 0;

	for (i = 0; r == 0 && i < 3; i++)
		r = add_fd(fa, fds[i], i);
	if (r == 0 && p->cwd)
		r = posix_spawn_file_actions_addchdir_np(fa, p->cwd);
	return r;
}

static int is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       access(path, X_OK) == 0;
}

static char *find_in_path(const char *name, const char *path)
{
	const char *end;

	for (;; path = end + 1) {
		_free_ char *full = NULL;

		end = strchrnul(path, ':');
		full = end == path ? xasprintf("./%s", name)
				   : xasprintf("%.*s/%s", (int)(end - path),
					     path, name);
		if (is_program(full))
			return steal_ptr(full);
		if (!*end)
			return NULL;
	}
}

/* mkfs.vfat is there, but the PATH of users other than root lacks it. */
static const char admin_path[] = "/usr/sbin:/sbin";

static int is_admin(const char *program)
{
	return !strncmp(program, "/usr/sbin/", 10) ||
	       !strncmp(program, "/sbin/", 6);
}

static char *find_program(const char *name, const char *path)
{
	char *found;

	if (strchr(name, '/'))
		return is_program(name) ? xstrdup(name) : NULL;
	found = find_in_path(name, path && *path ? path : "/usr/bin:/bin");
	return found ? found : find_in_path(name, admin_path);
}

/* What is executed, by the PATH that the child will have. */
static char *program_of(const struct proc *p)
{
	const char *path = getenv("PATH");
	char *found;
	size_t i;

	if (strchr(p->argv[0], '/'))
		return xstrdup(p->argv[0]);
	for (i = 0; p->env && p->env[i]; i++) {
		if (!strncmp(p->env[i], "PATH=", 5))
			path = p->env[i] + 5;
	}
	found = find_program(p->argv[0], path);
	/* A relative folder in PATH is one of the child's folder. */
	if (found && *found == '/')
		return found;
	free(found);
	return xstrdup(p->argv[0]);
}

/* posix_spawn gives one errno for all; tell which of the two it was. */
static int explain(const struct proc *p, int number, struct err *e)
{
	struct stat st;

	errno = number;
	if (p->cwd && (stat(p->cwd, &st) < 0 || !S_ISDIR(st.st_mode)))
		return err_errno(e, "run %s in %s", p->argv[0], p->cwd);
	if (number == ENOENT && !strchr(p->argv[0], '/'))
		return err_set(e, -ENOENT,
			"run %s: No such file or directory "
			"(slipway doctor tells what is missing)",
			p->argv[0]);
	errno = number;
	return err_errno(e, "run %s", p->argv[0]);
}

/* Starts it with these descriptors; the child gets default SIGPIPE. */
static pid_t spawn_fds(const struct proc *p, const int fds_in[3], struct err *e)
{
	_close_ int lift0 = -1, lift1 = -1, lift2 = -1;
	int fds[3] = {lift_fd(fds_in[0], &lift0), lift_fd(fds_in[1], &lift1),
		lift_fd(fds_in[2], &lift2)};
	_free_ char **env = merge_env(p->env);
	_free_ char *program = program_of(p);
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t all, old, pipe_only;
	pid_t pid = -1;
	int r;

	sigfillset(&all);
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&attr);
	/* Between the start and the note of its pid nothing may kill us. */
	sigprocmask(SIG_BLOCK, &all, &old);
	posix_spawnattr_setsigmask(&attr, &old);
	posix_spawnattr_setsigdefault(&attr, &pipe_only);
	posix_spawnattr_setflags(
		&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	r = set_actions(&fa, p, fds);
	if (r == 0)
		r = posix_spawnp(&pid, program, &fa, &attr, p->argv, env);
	if (r == 0)
		child_put(pid);
	sigprocmask(SIG_SETMASK, &old, NULL);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	return r ? explain(p, r, e) : pid;
}

/* One line that does the same in a shell: cd DIR && env K=V PROGRAM ARG. */
static void log_command(const struct proc *p)
{
	_strv_ struct strv words = {0};
	_free_ char *program = program_of(p);
	_free_ char *line = NULL;
	_free_ char *dir = NULL;
	size_t i;

	if (p->env && p->env[0])
		strv_add(&words, "env");
	for (i = 0; words.n && p->env[i]; i++)
		strv_add(&words, p->env[i]);
	/* By its name, unless that leads a shell nowhere. */
	strv_add(&words, is_admin(program) ? program : p->argv[0]);
	for (i = 1; p->argv[i]; i++)
		strv_add(&words, p->argv[i]);
	line = strv_quote(words.v);
	if (p->cwd) {
		_strv_ struct strv cd = {0};

		strv_add(&cd, p->cwd);
		dir = strv_quote(cd.v);
		log_add(LOG_COMMAND, "cd %s && %s", dir, line);
	} else {
		log_add(LOG_COMMAND, "%s", line);
	}
}

pid_t proc_spawn(const struct proc *p, struct err *e)
{
	int fds[3] = {p->fd_in, p->fd_out, p->fd_err};

	if (p->out || p->err)
		return err_set(
			e, -EINVAL, "run %s: nobody would collect", p->argv[0]);
	log_command(p);
	return spawn_fds(p, fds, e);
}

/* Reads one ready pipe; closes it at its end. */
static void drain(struct pollfd *pfd, struct buf *into)
{
	char chunk[16384];
	ssize_t n;

	if (!pfd->revents)
		return;
	n = read(pfd->fd, chunk, sizeof(chunk));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		buf_add(into, chunk, (size_t)n);
		return;
	}
	close(pfd->fd);
	pfd->fd = -1;
}

/* Collects until both pipes ended; a descriptor of -1 has none. */
static void collect(int fd_out, struct buf *out, int fd_err, struct buf *err)
{
	struct pollfd pfd[2] = {{.fd = fd_out, .events = POLLIN},
		{.fd = fd_err, .events = POLLIN}};

	while (pfd[0].fd >= 0 || pfd[1].fd >= 0) {
		if (poll(pfd, 2, -1) < 0 && errno != EINTR)
			break;
		if (pfd[0].fd >= 0)
			drain(&pfd[0], out);
		if (pfd[1].fd >= 0)
			drain(&pfd[1], err);
	}
	mem_close_p(&pfd[0].fd);
	mem_close_p(&pfd[1].fd);
}

int proc_wait(pid_t pid, struct proc_status *st, struct err *e)
{
	int status;
	pid_t r;

	do
		r = waitpid(pid, &status, 0);
	while (r < 0 && errno == EINTR);
	child_drop(pid);
	if (r < 0)
		return err_errno(e, "wait for process %d", (int)pid);
	st->exited = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	st->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	return 0;
}

int proc_run(const struct proc *p, struct proc_status *st, struct err *e)
{
	_close_ int out_w = -1, err_w = -1, out_r = -1, err_r = -1;
	int fds[3] = {p->fd_in, p->fd_out, p->fd_err};
	int pipe_fd[2];
	pid_t pid;

	if (p->out) {
		if (pipe2(pipe_fd, O_CLOEXEC) < 0)
			return err_errno(e, "pipe");
		out_r = pipe_fd[0];
		out_w = fds[1] = pipe_fd[1];
	}
	if (p->err && p->err == p->out) {
		fds[2] = out_w;
	} else if (p->err) {
		if (pipe2(pipe_fd, O_CLOEXEC) < 0)
			return err_errno(e, "pipe");
		err_r = pipe_fd[0];
		err_w = fds[2] = pipe_fd[1];
	}
	log_command(p);
	pid = spawn_fds(p, fds, e);
	if (pid < 0)
		return (int)pid;
	mem_close_p(&out_w);
	mem_close_p(&err_w);
	out_w = err_w = -1;
	collect(steal_fd(out_r), p->out, steal_fd(err_r), p->err);
	return proc_wait(pid, st, e);
}

/* ": " and the end of what was said, where the reason is, or "". */
static char *last_words(const struct buf *said)
{
	enum { MAX = 1500 };
	size_t len = said ? said->len : 0, from;

	while (len && said->data[len - 1] == '\n')
		len--;
	from = len > MAX ? len - MAX : 0;
	return len ? xasprintf(": %.*s", (int)(len - from), said->data + from)
		   : xstrdup("");
}

int proc_check(const struct proc *p, struct err *e)
{
	_free_ char *said = NULL;
	struct proc_status st = {0};
	int r;

	r = proc_run(p, &st, e);
	if (r < 0)
		return r;
	said = last_words(p->err ? p->err : p->out);
	if (st.signal)
		return err_set(e, -EIO, "%s: ended by signal %d (%s)%s",
			p->argv[0], st.signal, strsignal(st.signal), said);
	if (st.exited)
		return err_set(e, -EIO, "%s: exit status %d%s", p->argv[0],
			st.exited, said);
	return 0;
}

char *proc_which(const char *name)
{
	return find_program(name, getenv("PATH"));
}

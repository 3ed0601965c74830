/* SPDX-License-Identifier: Apache-2.0 */
/* Runs mariadbd for the first start: with SQL as input, then for a while. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "start.h"

enum { ARGS_MAX = 24, READY_US = 100000 };

/* In the order in which the distribution's own tool runs them. */
static const char *const tables[] = {
	SQL_DIR "/mysql_system_tables.sql",
	SQL_DIR "/mysql_performance_tables.sql",
	SQL_DIR "/mysql_system_tables_data.sql",
	SQL_DIR "/maria_add_gis_sp_bootstrap.sql",
	SQL_DIR "/mysql_sys_schema.sql",
};

/* All is synced at once when it is whole: nothing before that matters. */
static const char *const fast[] = {"--innodb-flush-method=nosync",
	"--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0",
	"--sync-frm=0", "--aria-sync-log-dir=NEVER", "--silent-startup",
	"--log-warnings=0"};

struct command {
	const char *arg[ARGS_MAX];
	size_t n;
};

static void add(struct command *c, const char *word)
{
	if (c->n + 1 >= ARGS_MAX)
		fail("too many arguments");
	c->arg[c->n++] = word;
}

static pid_t start(const struct command *c, int input)
{
	pid_t pid = fork();

	if (pid < 0)
		fail("start %s", c->arg[0]);
	if (pid > 0)
		return pid;
	signal(SIGPIPE, SIG_DFL);
	if (dup2(input, 0) < 0 || dup2(2, 1) < 0)
		fail("start %s", c->arg[0]);
	execv(c->arg[0], (char **)(uintptr_t)c->arg);
	fail("start %s", c->arg[0]);
}

static void finish(pid_t pid, const char *what)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			fail("wait for %s", what);
	errno = 0;
	if (WIFSIGNALED(status))
		fail("%s was ended by signal %d", what, WTERMSIG(status));
	if (WEXITSTATUS(status))
		fail("%s ended with status %d", what, WEXITSTATUS(status));
}

static int open_null(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail("open /dev/null");
	return fd;
}

/* --- system tables
 * ----------------------------------------------------------*/

static void copy(const char *path, FILE *to)
{
	FILE *f = fopen(path, "re");
	char data[16384];
	size_t n;

	if (!f)
		fail("open %s", path);
	while ((n = fread(data, 1, sizeof(data), f)))
		fwrite(data, 1, n, to);
	if (ferror(f))
		fail("read %s", path);
	fclose(f);
}

void server_create(const char *folder, const struct settings *s)
{
	struct command c = {{SERVER, "--bootstrap"}, 2};
	char datadir[256];
	int p[2], broken;
	pid_t pid;
	FILE *to;

	snprintf(datadir, sizeof(datadir), "--datadir=%s", folder);
	add(&c, datadir);
	add(&c, "--enforce-storage-engine=");
	add(&c, "--max-allowed-packet=8M");
	add(&c, "--net-buffer-length=16K");
	for (size_t i = 0; i < sizeof(fast) / sizeof(fast[0]); i++)
		add(&c, fast[i]);
	signal(SIGPIPE, SIG_IGN);
	if (pipe2(p, O_CLOEXEC) < 0 || !(to = fdopen(p[1], "w")))
		fail("make a pipe");
	pid = start(&c, p[0]);
	close(p[0]);
	fputs("CREATE DATABASE mysql;\nUSE mysql;\n"
	      "SET @auth_root_socket = NULL;\n",
		to);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		copy(tables[i], to);
	accounts_write(s, to);
	broken = ferror(to);
	broken |= fclose(to);
	finish(pid, "mariadbd, making the data directory,");
	errno = 0;
	if (broken)
		fail("mariadbd did not take all statements");
}

/* --- files of the user
 * --------------------------------------------------------*/

static int is_sql(const struct dirent *de)
{
	size_t n = strlen(de->d_name);

	if (de->d_name[0] == '.')
		return 0;
	if (n > 4 && !strcmp(de->d_name + n - 4, ".sql"))
		return 1;
	say("%s/%s: not run, only *.sql is", FILES_DIR, de->d_name);
	return 0;
}

static int answers(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = SOCKET};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0)
		fail("make a socket");
	r = connect(fd, (struct sockaddr *)&a, sizeof(a));
	close(fd);
	return r == 0;
}

static pid_t start_server(const char *folder)
{
	struct command c = {{SERVER, "--skip-networking"}, 2};
	char datadir[256];
	int status, null = open_null();
	pid_t pid;

	snprintf(datadir, sizeof(datadir), "--datadir=%s", folder);
	add(&c, datadir);
	add(&c, BY_SOCKET);
	for (size_t i = 0; i < sizeof(fast) / sizeof(fast[0]); i++)
		add(&c, fast[i]);
	pid = start(&c, null);
	close(null);
	while (!answers()) {
		if (waitpid(pid, &status, WNOHANG) == pid) {
			errno = 0;
			fail("mariadbd ended before it ran %s", FILES_DIR);
		}
		usleep(READY_US);
	}
	return pid;
}

static void run_file(const char *name, const struct settings *s)
{
	struct command c = {{CLIENT, "--no-defaults"}, 2};
	char path[512];
	int fd;

	add(&c, BY_SOCKET);
	add(&c, "--user=root");
	add(&c, "--batch");
	add(&c, "--default-character-set=utf8mb4");
	snprintf(path, sizeof(path), "%s/%s", FILES_DIR, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail("open %s", path);
	if (s->database) {
		add(&c, "--");
		add(&c, s->database);
	}
	say("running %s", path);
	finish(start(&c, fd), path);
	close(fd);
}

void server_run_files(const char *folder, const struct settings *s)
{
	struct dirent **list;
	int n = scandir(FILES_DIR, &list, is_sql, alphasort);
	pid_t pid;

	if (n < 0 && errno != ENOENT)
		fail("read %s", FILES_DIR);
	if (n <= 0)
		return;
	setenv("MYSQL_PWD", s->root_password, 1);
	pid = start_server(folder);
	for (int i = 0; i < n; i++) {
		run_file(list[i]->d_name, s);
		free(list[i]);
	}
	free(list);
	unsetenv("MYSQL_PWD");
	if (kill(pid, SIGTERM) < 0)
		fail("end mariadbd");
	finish(pid, "mariadbd, after " FILES_DIR ",");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Becomes the program: its words, its user, its folder. */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init.h"

enum { IDS = 2 };

/* The words of a kind, NULL at the end. */
static char **list(uint32_t type)
{
	size_t at = 0, n = 0;
	char **v = NULL;
	const struct item *i;

	do {
		char **more = realloc(v, (n + 1) * sizeof(*v));

		if (!more)
			die("arguments");
		v = more;
		i = record_next(type, &at);
		v[n++] = i ? (char *)(uintptr_t)i->data : NULL;
	} while (i);
	return v;
}

/* The folder to start in is made, as container engines do. */
void program_enter_folder(void)
{
	const char *path = record_text(RECORD_CWD, "/");
	char *copy = strdup(path);

	for (char *p = copy; copy && *p && (p = strchr(p + 1, '/'));) {
		*p = 0;
		mkdir(copy, 0755);
		*p = '/';
	}
	free(copy);
	mkdir(path, 0755);
	if (chdir(path) < 0)
		die("enter %s", path);
}

static int is_user_said(uint32_t *ids, size_t *n)
{
	size_t at = 0;
	const struct item *i = record_next(RECORD_USER, &at);

	if (!i)
		return 0;
	*n = i->len / sizeof(*ids);
	if (*n < IDS || *n > IDS + RECORD_GROUPS_MAX)
		die("boot record: a user of %u bytes", i->len);
	memcpy(ids, i->data, *n * sizeof(*ids));
	return 1;
}

void program_become_user(void)
{
	uint32_t ids[IDS + RECORD_GROUPS_MAX];
	gid_t groups[RECORD_GROUPS_MAX];
	size_t n;

	if (!is_user_said(ids, &n))
		return;
	for (size_t i = IDS; i < n; i++)
		groups[i - IDS] = ids[i];
	/* What is written to /dev/stdout is opened once more, by the user. */
	for (int i = 0; i < 3; i++)
		if (fchown(i, ids[0], (gid_t)-1) < 0 && errno != EROFS)
			dprintf(2, "slipway: own descriptor %d: %s\n", i,
				strerror(errno));
	if (setgroups(n - IDS, groups) < 0 || setgid(ids[1]) < 0 ||
		setuid(ids[0]) < 0) {
		dprintf(2, "slipway: become user %u: %s\n", ids[0],
			strerror(errno));
		_exit(126);
	}
}

/* The words of the image, then those of the user without the name. */
static char **words(char *const *entry, char *const *args)
{
	size_t n = 0, k = 0, i;
	char **v;

	while (entry[n])
		n++;
	while (args[k])
		k++;
	v = calloc(n + k + 1, sizeof(*v));
	if (!v)
		die("arguments");
	if (n == 1 && !*entry[0]) /* an empty word: none */
		n = 0;
	for (i = 0; i < n; i++)
		v[i] = entry[i];
	for (i = 1; i < k; i++)
		v[n + i - 1] = args[i];
	return v;
}

static void set_path(char *const *env)
{
	for (; *env; env++)
		if (!strncmp(*env, "PATH=", 5))
			setenv("PATH", *env + 5, 1);
}

__attribute__((noreturn)) static void exec_by_path(char **argv, char **env)
{
	set_path(env);
	execvpe(argv[0], argv, env);
	dprintf(2, "slipway: start %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

void program_exec_health(void)
{
	char **argv = list(RECORD_HEALTH), **env = list(RECORD_ENV);

	program_become_user();
	if (!argv[0]) {
		dprintf(2, "slipway: there is no health check\n");
		_exit(127);
	}
	exec_by_path(argv, env);
}

void program_exec(int program)
{
	char **entry = list(RECORD_ENTRY), **args = list(RECORD_ARG);
	char **env = list(RECORD_ENV);

	program_become_user();
	if (program >= 0) {
		fexecve(program, args, env);
		dprintf(2, "slipway: start the program: %s\n", strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	args = words(entry, args);
	if (!args[0]) {
		dprintf(2, "slipway: the image names no program, and there "
			   "is no argument\n");
		_exit(127);
	}
	exec_by_path(args, env);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the functions that a program uses need, and what keel has not. */
#include <string.h>

#include "check/check.h"
#include "core/mem.h"
#include "inspect/explain.h"
#include "toolchain/explain.h"

/* Functions that read a file, which must be in the root filesystem. */
static const struct {
	const char *function; /* a trailing * stands for any end */
	const char *path;
	const char *what;
} readers[] = {
	{"getpw*", "/etc/passwd", "users"},
	{"getgr*", "/etc/group", "groups"},
	{"initgroups", "/etc/group", "groups"},
	{"getservby*", "/etc/services", "services"},
	{"tzset", "/etc/localtime", "the time zone"},
	{"localtime", "/etc/localtime", "the time zone"},
	{"localtime_r", "/etc/localtime", "the time zone"},
	{"mktime", "/etc/localtime", "the time zone"},
	{"ctime", "/etc/localtime", "the time zone"},
	{"SSL_CTX_set_default_verify_paths", "/etc/ssl",
		"certificate authorities"},
};

/* Functions that have no use, or another, in one static program. */
static const struct {
	const char *function;
	enum finding_level level;
	const char *text;
	const char *fix;
} limits[] = {
	{"dlopen", FINDING_WARNING,
		"shared libraries cannot be loaded: dlopen always fails",
		"link modules and plugins into the program"},
	{"gethostbyname", FINDING_WARNING,
		"names are asked of the container's name servers only",
		"nothing, unless NSS modules are expected"},
	{"setlocale", FINDING_WARNING,
		"the C library knows the locales C and C.UTF-8 only",
		"nothing, unless other locales are expected"},
};

/* Calls that start processes: there is only one, so they are in vain. */
static const char *const process_calls[] = {
	"fork", "vfork", "clone", "execve", "execveat", "wait4", "waitid"};
static const char *const process_functions[] = {"fork", "vfork", "_Fork",
	"system", "popen", "pclose", "posix_spawn", "posix_spawnp", "daemon",
	"forkpty", "wordexp", "execl", "execle", "execlp", "execv", "execve",
	"execvp", "execvpe", "fexecve"};

static int in_list(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], name))
			return 1;
	return 0;
}

static int starts_process(const char *name)
{
	return in_list(process_functions,
		sizeof(process_functions) / sizeof(*process_functions), name);
}

static int matches(const char *pattern, const char *name)
{
	size_t n = strlen(pattern);

	if (n && pattern[n - 1] == '*')
		return !strncmp(pattern, name, n - 1);
	return !strcmp(pattern, name);
}

int check_has_file(const struct app *a, const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < a->nfiles; i++) {
		const char *to = a->files[i].to;
		size_t n = strlen(to);

		/* It, something in it, or a tree that may have it. */
		if (!strncmp(to, path, len) && (!to[len] || to[len] == '/'))
			return 1;
		if (a->files[i].from && !strncmp(to, path, n) &&
			(path[n] == '/' || n == 1))
			return 1;
	}
	for (size_t i = 0; i < a->volumes.n; i++) {
		size_t n = strlen(a->volumes.v[i]);

		if (!strncmp(a->volumes.v[i], path, n) &&
			(!path[n] || path[n] == '/'))
			return 1;
	}
	return 0;
}

const char *check_env(const struct app *a, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < a->env.n; i++)
		if (!strncmp(a->env.v[i], name, n) && a->env.v[i][n] == '=')
			return a->env.v[i] + n + 1;
	return NULL;
}

void check_symbol(const char *name, const char *from,
	const struct check_files *files, struct findings *f)
{
	size_t i;

	for (i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
		const char *path = readers[i].path;

		if (!matches(readers[i].function, name) ||
			(files && check_has_file(files->app, path)) ||
			(files && !strcmp(path, "/etc/localtime") &&
				check_env(files->app, "TZ")))
			continue;
		findings_add(f, FINDING_WARNING, "files", path,
			files ? "add it to \"files\" of the manifest, if it "
				"matters"
			      : "name it in \"files\" of the manifest, if it "
				"matters",
			"%s%s%s looks for %s in %s, which is not there", name,
			*from ? ", used by " : "", from, readers[i].what, path);
	}
	for (i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		if (!strcmp(limits[i].function, name))
			findings_add(f, limits[i].level, "library", name,
				limits[i].fix, "%s%s%s", limits[i].text,
				*from ? "; used by " : "", from);
	if (starts_process(name))
		check_call("execve", name, from, "keel", f);
}

void check_call(const char *call, const char *via, const char *from,
	const char *target, struct findings *f)
{
	int process =
		in_list(process_calls,
			sizeof(process_calls) / sizeof(*process_calls), call) ||
		starts_process(via);
	const char *who = *from ? "; used by " : "";
	const char *name = starts_process(via) ? via : call;
	int is_new = 0;

	if (starts_process(via) || (process && *from))
		is_new = findings_add(f, FINDING_ERROR, "processes", name,
			"use threads, or a setting of the program that keeps "
			"it in one process; --accept it if it is never used",
			"%s needs another process, and there is only one: it "
			"fails%s%s",
			name, who, from);
	else if (!strcmp(via, call) && *from)
		is_new = findings_add(f, FINDING_ERROR, "calls", call,
			"do without it; --accept it if the program does",
			"%s is not supported by %s: it fails with ENOSYS%s%s",
			call, target, who, from);
	else
		findings_add(f, FINDING_WARNING, "calls", call,
			"nothing, if the library or program has a way "
			"without it",
			"%s is not supported by %s%s%s%s%s", call, target,
			*via ? ": called by " : "", via, who, from);
	if (is_new)
		findings_because(
			f, "%s is called%s%s", name, *from ? " by " : "", from);
}

/* --- the record of a link --------------------------------------------------*/

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static void check_calls(json_t *record, const char *target, struct findings *f)
{
	json_t *calls = explain_calls(record), *c;
	size_t i;

	json_array_foreach(calls, i, c)
	{
		_free_ char *from = NULL;
		const char *name = text_of(c, "name");

		if (*text_of(c, "from"))
			from = xasprintf("%s in %s", text_of(c, "from"),
				text_of(c, "object"));
		if (!strcmp(name, EXPLAIN_BY_NUMBER))
			findings_add(f, FINDING_WARNING, "calls", name,
				"compare with slipway inspect --syscalls",
				"makes system calls by number: those that %s "
				"does not have fail%s%s",
				target, from ? "; used by " : "",
				from ? from : "");
		else if (!strcmp(text_of(c, "status"), "absent"))
			check_call(name, text_of(c, "via"), from ? from : "",
				target, f);
	}
	json_decref(calls);
}

/* Functions of the C library and of others that the program itself uses. */
void check_record(
	json_t *record, const struct check_files *files, struct findings *f)
{
	const char *target = text_of(record, "target");
	json_t *uses = explain_uses(record), *u;
	size_t i;

	check_calls(record, *target ? target : "keel", f);
	json_array_foreach(uses, i, u)
	{
		_free_ char *from = xasprintf(
			"%s in %s", text_of(u, "from"), text_of(u, "object"));

		check_symbol(text_of(u, "name"), from, files, f);
	}
	json_decref(uses);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The interpreters of scripts: "#!" lines, and what env(1) finds. */
#include <errno.h>
#include <string.h>

#include "closure/collect.h"
#include "closure/root.h"
#include "core/file.h"
#include "core/mem.h"

char *script_which(const struct closure *c, const char *name)
{
	static const char usual[] =
		"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	const struct strv *env = c->spec.env;
	const char *path = usual;
	_strv_ struct strv dirs = {0};

	for (size_t i = 0; env && i < env->n; i++)
		if (!strncmp(env->v[i], "PATH=", 5))
			path = env->v[i] + 5;
	search_add(&dirs, path, "");
	for (size_t i = 0; i < dirs.n; i++) {
		_free_ char *at = xasprintf("%s/%s", dirs.v[i], name);
		_free_ char *real = NULL;
		struct err ignored;
		struct stat st;

		if (root_follow(c->spec.root, at, NULL, NULL, &real, &st,
			    &ignored) == 0 &&
			S_ISREG(st.st_mode) && st.st_mode & 0111)
			return steal_ptr(at);
	}
	return NULL;
}

/* The script, and whether nobody may start it. */
struct script {
	const char *real, *line;
	int optional;
};

static int add(struct closure *c, const char *path, const struct script *s,
	struct err *e)
{
	_free_ char *reason =
		xasprintf("interpreter of %s (#!%s)", s->real, s->line);
	int r = collect_path(c, path, reason, NULL, e);

	if (r != -ENOENT && r != -ENOTDIR && r != -ELOOP)
		return r;
	collect_miss(c, "interpreter", path, s->optional,
		"the interpreter %s is not in %s: needed by %s", path,
		c->spec.what, s->real);
	return 0;
}

/* The program that env starts: after its options and settings. */
static char *env_program(const char *rest)
{
	size_t n;

	for (;; rest += n) {
		rest += strspn(rest, " \t");
		n = strcspn(rest, " \t");
		if (!n)
			return NULL;
		if (*rest != '-' && !memchr(rest, '=', n))
			return xstrndup(rest, n);
	}
}

int script_closure(struct closure *c, const char *real, const char *text,
	int optional, struct err *e)
{
	_free_ char *all = xstrndup(text + 2, strcspn(text + 2, "\n"));
	struct script s = {real, all, optional};
	_free_ char *path = NULL;
	_free_ char *program = NULL;
	_free_ char *at = NULL;
	const char *line;
	int r;

	line = all + strspn(all, " \t");
	path = xstrndup(line, strcspn(line, " \t\r"));
	/* Only what the kernel would take is one: binfmt_script. */
	if (*path != '/')
		return 0;
	r = add(c, path, &s, e);
	if (r < 0 || strcmp(path_base(path), "env") != 0)
		return r;
	program = env_program(line + strlen(path));
	if (!program)
		return 0;
	at = strchr(program, '/') ? xstrdup(program) : script_which(c, program);
	if (!at) {
		collect_miss(c, "interpreter", program, optional,
			"the interpreter %s is in no folder of PATH in %s: "
			"needed by %s",
			program, c->spec.what, real);
		return 0;
	}
	return *at == '/' ? add(c, at, &s, e) : 0;
}

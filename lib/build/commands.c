/* SPDX-License-Identifier: Apache-2.0 */
/* A program built by its own means: configure, make and their like. */
#include "build/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/proc.h"
#include "toolchain/elf.h"
#include "toolchain/note.h"
#include "toolchain/record.h"

#define TARGET_ENV "SLIPWAY_TARGET"

/* A variable for each tool, as make, configure and CMake know them. */
static const struct {
	const char *var, *tool;
} tools[] = {
	{"CC", "cc"},
	{"CXX", "c++"},
	{"AR", "ar"},
	{"RANLIB", "ranlib"},
	{"LD", "ld"},
	{"NM", "nm"},
	{"STRIP", "strip"},
	{"OBJCOPY", "objcopy"},
};

static char *bin_dir(void)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n < 0)
		return xstrdup("/usr/bin");
	exe[n] = '\0';
	return path_dir(exe);
}

char *commands_root(const struct build *b)
{
	const struct app_build *w = b->app->build;
	char *project = realpath(b->app->dir, NULL);
	_free_ char *dir = w && w->dir ? realpath(w->dir, NULL) : NULL;
	size_t n = project ? strlen(project) : 0;

	if (!w || w->source || !project || !dir) {
		free(project);
		return NULL;
	}
	if (!strncmp(dir, project, n) && (!dir[n] || dir[n] == '/'))
		return project;
	free(project);
	return steal_ptr(dir);
}

static void make_env(const struct build *b, struct strv *env)
{
	_free_ char *root = commands_root(b);
	_free_ char *bin = bin_dir();
	const char *path = getenv("PATH");

	strv_addf(env, "PATH=%s:%s", bin, path ? path : "/usr/bin:/bin");
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		strv_addf(
			env, "%s=%s-%s", tools[i].var, b->tools, tools[i].tool);
	/* Libraries that are installed on this host are not for the target. */
	strv_addf(env, "PKG_CONFIG_LIBDIR=%s/lib/pkgconfig", b->tools_dir);
	strv_addf(env, TARGET_ENV "=%s", b->target->name);
	strv_addf(env, "SOURCE_DATE_EPOCH=%ju", (uintmax_t)b->epoch);
	if (root)
		strv_addf(env, RECORD_ENV "=%s", root);
}

/* The command with ${jobs} filled in. */
static void fill_in(
	const struct build *b, const struct strv *command, struct strv *argv)
{
	static const char jobs[] = "${jobs}";

	for (size_t i = 0; i < command->n; i++) {
		const char *s = command->v[i], *at;
		_buf_ struct buf arg = {0};

		for (; (at = strstr(s, jobs)); s = at + strlen(jobs)) {
			buf_add(&arg, s, (size_t)(at - s));
			buf_addf(&arg, "%u", b->jobs);
		}
		buf_adds(&arg, s);
		strv_take(argv, buf_steal(&arg));
	}
}

/* Runs one command; its output goes to a log that an error quotes. */
static int run_command(const struct build *b, const char *dir,
	const struct strv *command, char *const *env, struct err *e)
{
	_strv_ struct strv argv = {0};
	_free_ char *shown = NULL;
	_buf_ struct buf out = {0};
	struct proc_status st;
	struct proc p;
	size_t tail = 0;
	int r;

	fill_in(b, command, &argv);
	shown = strv_quote(argv.v);
	log_add(LOG_STEP, "%s", shown);
	p = (struct proc)PROC_INIT(argv.v);
	p.cwd = dir;
	p.env = env;
	p.out = &out;
	p.err = &out;
	r = proc_run(&p, &st, e);
	if (r < 0 || (st.exited == 0 && st.signal == 0))
		return r;
	/* The last lines hold the reason. */
	while (out.len > 0 && out.data[out.len - 1] == '\n')
		out.data[--out.len] = '\0';
	for (size_t i = out.len, lines = 0; i > 0; i--) {
		if (out.data[i - 1] == '\n' && ++lines == 15) {
			tail = i;
			break;
		}
	}
	if (out.len - tail > 1500)
		tail = out.len - 1500;
	return err_set(e, -EIO, "%s: %s %d, in %s:\n%s", shown,
		st.signal ? "ended by signal" : "exit status",
		st.signal ? st.signal : st.exited, dir,
		out.data ? out.data + tail : "");
}

static int unpack_one(const struct build *b, const char *source,
	const char *dir, struct err *e)
{
	_free_ char *fetch = path_join(b->data_dir, "sources/fetch.sh");
	_buf_ struct buf out = {0};
	_strv_ struct strv argv = {0};
	struct proc p;
	int r;

	log_add(LOG_STEP, "unpack %s", source);
	strv_add(&argv, fetch);
	strv_add(&argv, "--offline");
	strv_add(&argv, source);
	strv_add(&argv, dir);
	p = (struct proc)PROC_INIT(argv.v);
	p.out = &out;
	p.err = &out;
	r = proc_check(&p, e);
	return r < 0 ? err_wrap(e, "unpack %s", source) : 0;
}

/* The source as `src`, and beside it what it is built with. */
static int unpack(const struct build *b, const char *src, struct err *e)
{
	const struct app_build *w = b->app->build;
	_free_ char *with = path_join(b->dir, "with");
	int r = file_remove_tree(src, e);

	if (r == 0)
		r = file_remove_tree(with, e);
	if (r == 0)
		r = unpack_one(b, w->source, src, e);
	for (size_t i = 0; r == 0 && i < w->with.n; i++) {
		const char *s = w->with.v[i];
		_free_ char *name = xstrndup(s, strcspn(s, "/"));
		_free_ char *dir = path_join(with, name);

		r = unpack_one(b, s, dir, e);
	}
	return r;
}

/* In a folder of the user's, make can find all of another target's objects
 * up to date. A program of another compiler says nothing of its target. */
static int check_target(
	const struct build *b, const char *program, struct err *e)
{
	_elf_ struct elf f = {0};
	_note_ struct note n = {0};
	struct err ignored;

	if (elf_open(&f, program, &ignored) < 0 ||
		note_read(&f, program, &n, &ignored) < 0 ||
		!strcmp(n.target, b->tools))
		return 0;
	return err_set(e, -EINVAL,
		"%s: linked for %s, not for %s: let the commands make a "
		"program "
		"for each target (per_target), or clean up before",
		program, n.target, b->target->name);
}

/* Builds of several targets have this folder of the user's in common. */
static int lock_tree(const struct build *b, struct err *e)
{
	_free_ char *path = path_join(b->stem, ".commands");
	_close_ int fd = -1;
	int r = file_mkdirs(b->stem, e);

	if (r < 0)
		return r;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_errno(e, "open %s", path);
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_errno(e, "lock %s", path);
	return steal_fd(fd);
}

/* An equal program stays as it is, so that nothing after it is redone. */
static int copy_program(const struct build *b, const char *from, struct err *e)
{
	_buf_ struct buf data = {0}, old = {0};
	struct err ignored = {0};
	int r;

	if (access(from, F_OK) < 0)
		return err_set(e, -ENOENT,
			"%s: the commands did not leave this program "
			"(build.program)",
			from);
	r = file_read(from, SIZE_MAX, &data, e);
	if (r < 0)
		return r;
	if (file_read(b->program, SIZE_MAX, &old, &ignored) == 0 &&
		old.len == data.len &&
		(data.len == 0 || !memcmp(old.data, data.data, data.len)))
		return 0;
	return file_put(b->program, data.data, data.len, 0755, e);
}

static int is_target_asked_for(const struct app_build *w)
{
	for (size_t i = 0; i < w->ncommands; i++)
		for (size_t k = 0; k < w->commands[i].n; k++)
			if (strstr(w->commands[i].v[k], TARGET_ENV))
				return 1;
	return 0;
}

static void key_commands(const struct build *b, struct digest *key)
{
	const struct app_build *w = b->app->build;
	_free_ char *libc = path_join(b->tools_dir, "lib/libc.a");

	/* The program of the build host knows nothing of the base, unless it
	 * is told. */
	digest_init(key);
	state_key_file(key, libc);
	digest_add_str(
		key, is_target_asked_for(w) ? b->target->name : b->tools);
	digest_add_str(key, w->source ? w->source : "");
	for (size_t i = 0; i < w->with.n; i++)
		digest_add_str(key, w->with.v[i]);
	digest_add_str(key, w->dir ? w->dir : "");
	digest_add_str(key, w->program);
	for (size_t i = 0; i < w->ncommands; i++) {
		for (size_t k = 0; k < w->commands[i].n; k++)
			digest_add_str(key, w->commands[i].v[k]);
		digest_add_str(key, "\n");
	}
}

/* Where the commands run: the user's folder, or one of the source. */
static char *work_dir(const struct build *b, const char *src)
{
	const struct app_build *w = b->app->build;

	if (!w->source)
		return xstrdup(w->dir);
	return w->dir ? path_join(src, w->dir) : xstrdup(src);
}

int commands_build(struct build *b, struct err *e)
{
	const struct app_build *w = b->app->build;
	_free_ char *src = path_join(b->dir, "src");
	_free_ char *dir = work_dir(b, src);
	_free_ char *program = path_join(dir, w->program);
	_strv_ struct strv env = {0};
	_close_ int lock = -1;
	struct digest_hex hex;
	struct digest key;
	int r = 0;

	/* A packaged source changes with the manifest only; in a folder of
	 * the user's the commands find out what there is to do. */
	key_commands(b, &key);
	hex = digest_end(&key);
	if (w->source && state_fresh(&b->state, "commands", &hex, b->program))
		return 0;
	make_env(b, &env);
	/* What no path in an object may begin with. */
	strv_addf(&env, "SLIPWAY_PROJECT=%s", w->with.n ? b->dir : src);
	if (w->source)
		r = unpack(b, src, e);
	else if ((lock = lock_tree(b, e)) < 0)
		r = lock;
	for (size_t i = 0; r == 0 && i < w->ncommands; i++)
		r = run_command(b, dir, &w->commands[i], env.v, e);
	if (r == 0)
		r = check_target(b, program, e);
	if (r == 0)
		r = copy_program(b, program, e);
	if (r < 0)
		return r;
	return state_done(&b->state, "commands", &hex, b->program, e);
}

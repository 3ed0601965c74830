/* SPDX-License-Identifier: Apache-2.0 */
/* From a list of sources to a program of the build host, incrementally. */
#include "toolchain/compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/proc.h"
#include "toolchain/depfile.h"
#include "toolchain/done.h"
#include "toolchain/objcache.h"

/* One output: an object or the program. */
struct step {
	const char *source; /* NULL: the link */
	char *out;
	char *record; /* of what made it (done.h) */
	struct strv argv;
	FILE *output; /* of the compiler */
	struct timespec started;
	pid_t pid;
	int stale;
};

struct plan {
	const struct compile *c;
	struct strv env;
	struct strv tool; /* how the compiler is called */
	struct objcache cache;
	struct step *steps;
	size_t n; /* of objects; steps[n] is the link */
};

static void plan_free(struct plan *p)
{
	size_t i;

	for (i = 0; p->steps && i <= p->n; i++) {
		free(p->steps[i].out);
		free(p->steps[i].record);
		strv_free(&p->steps[i].argv);
		if (p->steps[i].output)
			fclose(p->steps[i].output);
	}
	free(p->steps);
	strv_free(&p->env);
	strv_free(&p->tool);
	objcache_close(&p->cache);
}

/* TARGET-cc beside the running program, or `slipway cc --target TARGET`. */
static int find_tool(struct plan *p, struct err *e)
{
	const char *target = p->c->target->name;
	_free_ char *name = xasprintf("%s-cc", target);
	_free_ char *dir = NULL, *path = NULL;
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n < 0)
		return err_errno(e, "readlink /proc/self/exe");
	exe[n] = 0;
	dir = path_dir(exe);
	path = path_join(dir, name);
	if (access(path, X_OK) == 0) {
		strv_add(&p->tool, path);
		return 0;
	}
	strv_add(&p->tool, exe);
	strv_add(&p->tool, "cc");
	strv_add(&p->tool, "--target");
	strv_add(&p->tool, target);
	return 0;
}

static void add_all(struct strv *to, const struct strv *from)
{
	size_t i;

	for (i = 0; from && i < from->n; i++)
		strv_add(to, from->v[i]);
}

/* A file name for what comes of a source: its path with / as %. */
static char *object_path(const struct compile *c, const char *source)
{
	size_t len = strlen(c->dir);
	const char *rel = source;
	char *path, *p;

	if (!strncmp(source, c->dir, len) && source[len] == '/')
		rel = source + len + 1;
	path = xasprintf("%s/obj/%s.o", c->out_dir, rel);
	for (p = path + strlen(c->out_dir) + 5; *p; p++)
		if (*p == '/')
			*p = '%';
	return path;
}

/* The project's own files are named from its folder (see driver.c). */
static const char *short_source(const struct compile *c, const char *source)
{
	size_t len = strlen(c->dir);

	if (!strncmp(source, c->dir, len) && source[len] == '/')
		return source + len + 1;
	return source;
}

static void plan_object(struct plan *p, struct step *s, const char *source)
{
	const struct compile *c = p->c;

	s->source = short_source(c, source);
	s->out = object_path(c, source);
	s->record = xasprintf("%s.cmd", s->out);
	add_all(&s->argv, &p->tool);
	add_all(&s->argv, c->cflags);
	strv_add(&s->argv, "-MD");
	strv_add(&s->argv, "-MF");
	strv_addf(&s->argv, "%s.d", s->out);
	strv_add(&s->argv, "-c");
	strv_add(&s->argv, s->source);
	strv_add(&s->argv, "-o");
	strv_add(&s->argv, s->out);
}

static void plan_link(struct plan *p, struct step *s)
{
	const struct compile *c = p->c;
	size_t i;

	s->out = xstrdup(c->program);
	s->record = xasprintf("%s/obj/link.cmd", c->out_dir);
	add_all(&s->argv, &p->tool);
	add_all(&s->argv, c->cflags);
	add_all(&s->argv, c->ldflags);
	for (i = 0; i < p->n; i++)
		strv_add(&s->argv, p->steps[i].out);
	for (i = 0; c->libs && i < c->libs->n; i++)
		strv_addf(&s->argv, "-l%s", c->libs->v[i]);
	strv_add(&s->argv, "-o");
	strv_add(&s->argv, c->program);
}

static int make_plan(struct plan *p, struct err *e)
{
	const struct compile *c = p->c;
	_free_ char *obj = path_join(c->out_dir, "obj");
	size_t i;
	int r = file_mkdirs(obj, e);

	if (r == 0)
		r = find_tool(p, e);
	if (r == 0)
		r = objcache_open(
			&p->cache, c->target, c->data_dir, c->dir, c->epoch, e);
	if (r < 0)
		return r;
	strv_addf(&p->env, "SLIPWAY_LIB=%s", c->data_dir);
	strv_addf(&p->env, "SLIPWAY_PROJECT=%s", c->dir);
	strv_addf(&p->env, "SOURCE_DATE_EPOCH=%ju", (uintmax_t)c->epoch);
	p->n = c->sources->n;
	p->steps = xcalloc(p->n + 1, sizeof(*p->steps));
	for (i = 0; i < p->n; i++)
		plan_object(p, &p->steps[i], c->sources->v[i]);
	plan_link(p, &p->steps[p->n]);
	return 0;
}

/* All that a step is done with, but for the files. */
static char *command_text(const struct plan *p, const struct step *s)
{
	_free_ char *line = strv_quote(s->argv.v);

	return xasprintf(
		"SOURCE_DATE_EPOCH=%ju %s", (uintmax_t)p->c->epoch, line);
}

/* What a library of the manifest may be, beside those of the sysroot. */
static void add_libraries(const struct compile *c, struct strv *files)
{
	for (size_t i = 0; c->ldflags && i < c->ldflags->n; i++) {
		const char *flag = c->ldflags->v[i];
		_free_ char *path = path_join(c->dir, flag);

		if (flag[0] != '-' && access(path, F_OK) == 0)
			strv_add(files, flag);
		for (size_t k = 0; !strncmp(flag, "-L", 2) && flag[2] &&
				   c->libs && k < c->libs->n;
			k++) {
			_free_ char *lib = xasprintf(
				"%s/lib%s.a", flag + 2, c->libs->v[k]);
			_free_ char *full = path_join(c->dir, lib);

			if (access(full, F_OK) == 0)
				strv_add(files, lib);
		}
	}
}

/* What the step read, as far as it is known. */
static int read_files(const struct plan *p, const struct step *s,
	struct strv *files, struct err *e)
{
	const struct compile *c = p->c;

	if (s->source) {
		_free_ char *dep = xasprintf("%s.d", s->out);

		return depfile_read(dep, files, e);
	}
	for (size_t i = 0; i < p->n; i++)
		strv_add(files, p->steps[i].out);
	strv_addf(files, "%s/sysroot/%s/lib/libc.a", c->data_dir,
		c->target->name);
	strv_addf(files, "%s/sysroot/%s/lib/libhost.a", c->data_dir,
		c->target->name);
	add_libraries(c, files);
	return 0;
}

static int is_fresh(const struct plan *p, const struct step *s)
{
	_free_ char *command = command_text(p, s);
	_strv_ struct strv files = {0};
	struct done d = {s->record, command, p->c->dir, &files, s->out};
	struct err ignored;

	return read_files(p, s, &files, &ignored) == 0 && done_holds(&d);
}

static int write_record(
	const struct plan *p, const struct step *s, struct err *e)
{
	_free_ char *command = command_text(p, s);
	_strv_ struct strv files = {0};
	struct done d = {s->record, command, p->c->dir, &files, s->out};
	struct err ignored;

	/* Without -MD's file (-E, -MM in cflags) it is never fresh. */
	if (read_files(p, s, &files, &ignored) < 0)
		return 0;
	return done_write(&d, &s->started, e);
}

static void tell(enum log_kind kind, const struct step *s)
{
	log_add(kind, s->source ? "compile %s" : "link %s",
		s->source ? s->source : path_base(s->out));
}

static int start(const struct plan *p, struct step *s, struct err *e)
{
	struct proc proc = PROC_INIT(s->argv.v);

	unlink(s->record);
	clock_gettime(CLOCK_REALTIME, &s->started);
	tell(LOG_JOB, s);
	s->output = tmpfile();
	if (!s->output)
		return err_errno(e, "create a temporary file");
	proc.cwd = p->c->dir;
	proc.env = p->env.v;
	proc.fd_out = proc.fd_err = fileno(s->output);
	s->pid = proc_spawn(&proc, e);
	return s->pid < 0 ? (int)s->pid : 0;
}

/* What the compiler said goes out in one piece, errors or warnings. */
static size_t show_output(struct step *s)
{
	size_t n, all = 0;
	char chunk[8192];

	rewind(s->output);
	while ((n = fread(chunk, 1, sizeof(chunk), s->output)) > 0) {
		struct err ignored;

		file_write_all(STDERR_FILENO, chunk, n, &ignored);
		all += n;
	}
	fclose(s->output);
	s->output = NULL;
	return all;
}

static int finish(struct plan *p, struct step *s, struct err *e)
{
	struct proc_status st;
	size_t said;
	int r = proc_wait(s->pid, &st, e);

	tell(LOG_JOB_END, s);
	if (r < 0)
		return r;
	said = show_output(s);
	if (st.exited != 0)
		return err_set(e, -EIO,
			s->source ? "cannot compile %s" : "cannot link %s",
			s->source ? s->source : path_base(s->out));
	/* What gave warnings gives them again the next time. */
	if (s->source && !said) {
		_free_ char *dep = xasprintf("%s.d", s->out);

		objcache_put(&p->cache, s->source, p->c->cflags, s->out, dep,
			&s->started);
	}
	return write_record(p, s, e);
}

/* 1: the object came out of the cache. */
static int from_cache(struct plan *p, struct step *s, struct err *e)
{
	_free_ char *dep = xasprintf("%s.d", s->out);
	int r;

	unlink(s->record);
	clock_gettime(CLOCK_REALTIME, &s->started);
	r = objcache_get(&p->cache, s->source, p->c->cflags, s->out, dep, e);

	if (r > 0) {
		int w = write_record(p, s, e);

		log_add(LOG_JOB, "reuse %s", s->source);
		log_add(LOG_JOB_END, "reuse %s", s->source);
		r = w < 0 ? w : 1;
	}
	return r;
}

/*
 * Up to `jobs` compilers at a time, waited for in order. After the first
 * failure no new one starts, and those that run are waited for.
 */
static int run_objects(
	struct plan *p, unsigned jobs, int *changed, struct err *e)
{
	size_t next = 0, done = 0, running = 0;
	struct err other;
	int r = 0;

	while (done < p->n) {
		while (!r && next < p->n && running < jobs) {
			struct step *s = &p->steps[next++];

			s->stale = !is_fresh(p, s);
			if (!s->stale)
				continue;
			*changed = 1;
			r = from_cache(p, s, e);
			if (r == 0)
				r = start(p, s, e);
			else
				s->stale = 0;
			if (r < 0)
				s->stale = 0;
			running += s->stale != 0;
			r = r < 0 ? r : 0;
		}
		if (done >= next)
			break;
		if (p->steps[done].stale) {
			int one = finish(p, &p->steps[done], r ? &other : e);

			running--;
			r = r ? r : one;
		}
		done++;
	}
	return r;
}

int compile_run(const struct compile *c, int *changed, struct err *e)
{
	__attribute__((cleanup(plan_free))) struct plan p = {.c = c};
	unsigned jobs = c->jobs;
	int made = 0;
	int r;

	if (!jobs) {
		long n = sysconf(_SC_NPROCESSORS_ONLN);

		jobs = n > 0 ? (unsigned)n : 1;
	}
	r = make_plan(&p, e);
	if (r == 0)
		r = run_objects(&p, jobs, &made, e);
	if (r < 0)
		return r;
	made |= !is_fresh(&p, &p.steps[p.n]);
	if (made) {
		r = start(&p, &p.steps[p.n], e);
		if (r == 0)
			r = finish(&p, &p.steps[p.n], e);
		if (r < 0)
			return r;
	}
	if (changed)
		*changed = made;
	return 0;
}

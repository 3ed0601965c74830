/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest's "program" and "binaries": files of an unpacked system. */
#include "build/collect.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/proc.h"

/* --- packages -------------------------------------------------------------*/

static int has_packages(const struct build *b)
{
	return b->app->binaries && b->app->binaries->packages.n;
}

static char *packages_dir(const struct build *b)
{
	return path_join(b->dir, "packages");
}

char *collect_root(const struct build *b)
{
	_free_ char *packages = packages_dir(b);

	if (has_packages(b))
		return path_join(packages, "root");
	return xstrdup(b->app->binaries && b->app->binaries->root
			       ? b->app->binaries->root
			       : "/");
}

char *collect_dpkg(const struct build *b)
{
	_free_ char *packages = packages_dir(b);
	_free_ char *root = NULL;

	if (has_packages(b))
		return path_join(packages, "dpkg");
	root = collect_root(b);
	return strcmp(root, "/") != 0 ? path_join(root, "var/lib/dpkg") : NULL;
}

const char *collect_inside(
	const struct build *b, const char *root, const char *path, int own)
{
	size_t n = strlen(root);

	if (!b->app->program && !b->app->binaries)
		return NULL;
	if (!strcmp(root, "/"))
		return own ? NULL : path;
	return !strncmp(path, root, n) && path[n] == '/' ? path + n : NULL;
}

/* packages.sh, which says what it has or unpacks it. */
static int run_packages(
	const struct build *b, const char *how, struct buf *out, struct err *e)
{
	const struct strv *names = &b->app->binaries->packages;
	_free_ char *script = path_join(b->data_dir, "sources/packages.sh");
	_buf_ struct buf said = {0};
	_strv_ struct strv argv = {0};
	struct proc p;

	strv_add(&argv, script);
	strv_add(&argv, "--offline");
	strv_add(&argv, how);
	for (size_t i = 0; i < names->n; i++)
		strv_add(&argv, names->v[i]);
	p = (struct proc)PROC_INIT(argv.v);
	p.out = out ? out : &said;
	p.err = &said;
	return proc_check(&p, e);
}

/* What is unpacked changes with the packages only: their digests. */
static int unpack(struct build *b, struct err *e)
{
	_free_ char *script = path_join(b->data_dir, "sources/packages.sh");
	_free_ char *dir = packages_dir(b);
	_buf_ struct buf list = {0};
	struct digest_hex hex;
	struct digest key;
	int r = run_packages(b, "--list", &list, e);

	if (r < 0)
		return err_wrap(e, "binaries.packages");
	digest_init(&key);
	state_key_file(&key, script);
	digest_add(&key, list.data, list.len);
	hex = digest_end(&key);
	if (state_fresh(&b->state, "packages", &hex, dir))
		return 0;
	log_add(LOG_STEP, "unpack packages");
	r = file_remove_tree(dir, e);
	if (r == 0)
		r = run_packages(b, dir, NULL, e);
	if (r == 0)
		r = state_done(&b->state, "packages", &hex, dir, e);
	return r < 0 ? err_wrap(e, "binaries.packages") : 0;
}

/* --- the closure ----------------------------------------------------------*/

/* The file of this machine that "files" puts there; NULL. Caller frees. */
static char *listed_file(const struct app *a, const char *path)
{
	for (size_t i = 0; i < a->nfiles; i++) {
		const struct app_file *f = &a->files[i];
		const char *rest = path + strlen(f->to);
		_free_ char *inside = NULL;
		struct stat st;

		if (!f->from || f->weak ||
			strncmp(path, f->to, strlen(f->to)) != 0)
			continue;
		if (!*rest)
			return xstrdup(f->from);
		if (*rest != '/' && strcmp(f->to, "/") != 0)
			continue;
		inside = xasprintf("%s/%s", f->from, rest);
		if (stat(inside, &st) == 0 && S_ISREG(st.st_mode))
			return steal_ptr(inside);
	}
	return NULL;
}

static int add_all(const struct app *a, struct closure *c, struct err *e)
{
	static const struct app_binaries none;
	const struct app_binaries *l = a->binaries ? a->binaries : &none;
	_free_ char *from = a->program ? listed_file(a, a->program) : NULL;
	int r = 0;

	if (a->program)
		r = closure_add_program(c, a->program, from, e);
	for (size_t i = 0; r == 0 && i < l->paths.n; i++)
		r = closure_add_path(c, l->paths.v[i], e);
	for (size_t i = 0; r == 0 && i < l->locales.n; i++)
		r = closure_add_locale(c, l->locales.v[i], e);
	for (size_t i = 0; r == 0 && i < l->zoneinfo.n; i++)
		r = closure_add_zone(c, l->zoneinfo.v[i], e);
	return r == 0 ? closure_finish(c, e) : r;
}

int collect_closure(struct build *b, struct closure **out, struct err *e)
{
	_free_ char *root = collect_root(b);
	_free_ char *nsswitch = listed_file(b->app, "/etc/nsswitch.conf");
	_free_ char *made = path_join(b->dir, "made");
	struct closure_spec spec = {
		.root = root,
		.what = has_packages(b) ? "the packages" : root,
		.machine = !strcmp(b->target->arch, "aarch64") ? EM_AARCH64
							       : EM_X86_64,
		.env = &b->app->env,
		.nsswitch = nsswitch,
		.made = made,
	};
	struct closure *c;
	int r = has_packages(b) ? unpack(b, e) : 0;

	*out = NULL;
	if (r < 0 || (!b->app->program && !b->app->binaries))
		return r;
	c = closure_new(&spec);
	r = add_all(b->app, c, e);
	if (r < 0)
		closure_free(c);
	else
		*out = c;
	return r < 0 ? err_wrap(e, "collect binaries") : 0;
}

static int refuse_missing(const struct closure *c, struct err *e)
{
	enum { SHOWN = 20 };
	_buf_ struct buf text = {0};
	size_t n, shown = 0;
	const struct closure_missing *m = closure_missed(c, &n);

	for (size_t i = 0; i < n; i++) {
		if (m[i].optional || ++shown > SHOWN)
			continue;
		buf_addf(&text, "%s%s", shown > 1 ? "\n" : "", m[i].text);
	}
	if (shown > SHOWN)
		buf_addf(&text, "\nand %zu more", shown - SHOWN);
	return shown ? err_set(e, -ENOENT, "%s", text.data) : 0;
}

static void take_files(struct app *a, const struct closure_file *v, size_t n)
{
	a->files = xreallocarray(a->files, a->nfiles + n, sizeof(*a->files));
	for (size_t i = 0; i < n; i++)
		a->files[a->nfiles++] = (struct app_file){
			.from = v[i].from ? xstrdup(v[i].from) : NULL,
			.link = v[i].link ? xstrdup(v[i].link) : NULL,
			.to = xstrdup(v[i].path),
			.dir = !v[i].from && !v[i].link,
			.mode = v[i].link ? -1 : (int)v[i].mode,
			.weak = 1,
			.reason = xstrdup(v[i].reason),
		};
}

int collect_files(struct build *b, struct err *e)
{
	const struct closure_file *v;
	struct closure *c = NULL;
	size_t n;
	int none = b->collected || b->app->image;
	int r = none ? 0 : collect_closure(b, &c, e);

	if (r < 0 || !c)
		return r;
	r = refuse_missing(c, e);
	if (r == 0) {
		v = closure_files(c, &n);
		take_files(b->app, v, n);
		b->collected = 1;
	}
	closure_free(c);
	return r;
}

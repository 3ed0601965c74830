/* SPDX-License-Identifier: Apache-2.0 */
/* slipway init: a new project from a template. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/near.h"
#include "manifest/app.h"
#include "manifest/scan.h"
#include "opt.h"
#include "ui.h"

enum { KEY_LIST = 256, KEY_NAME };

static const struct opt table[] = {
	{'t', "template", "NAME", "what to start from (hello)"},
	{KEY_NAME, "name", "NAME", "the application's name (the folder's)"},
	{KEY_LIST, "list", NULL, "list the templates"},
	{'q', "quiet", NULL, "do not list the files"},
	{0},
};

static const struct opts opts = {
	.usage = "slipway init [OPTION]... [DIR]",
	.about = "Starts a project in DIR (the current folder if none is "
		 "named). Files that are there\nalready are never touched.",
	.table = table,
};

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_templates(
	const char *data_dir, struct strv *names, struct err *e)
{
	_free_ char *path = path_join(data_dir, "templates");
	struct dirent *d;
	DIR *dir;

	dir = opendir(path);
	if (!dir)
		return err_errno(e, "open %s", path);
	while ((d = readdir(dir))) {
		if (d->d_name[0] != '.')
			strv_add(names, d->d_name);
	}
	closedir(dir);
	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), by_bytes);
	return 0;
}

static int print_templates(const char *data_dir)
{
	_strv_ struct strv names = {0};
	struct err e;
	size_t i;

	if (list_templates(data_dir, &names, &e) < 0)
		return ui_fail(&e);
	for (i = 0; i < names.n; i++)
		puts(names.v[i]);
	return EXIT_OK;
}

/* A name for the application out of a folder's: a-z, 0-9, single dashes. */
static char *name_from_dir(const char *dir)
{
	_free_ char *real = realpath(dir, NULL);
	const char *c = path_base(real ? real : dir);
	struct buf b = {0};
	char low;

	for (; *c && b.len < 64; c++) {
		low = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
		if ((low >= 'a' && low <= 'z') || (low >= '0' && low <= '9'))
			buf_add(&b, &low, 1);
		else if (b.len && b.data[b.len - 1] != '-')
			buf_adds(&b, "-");
	}
	while (b.len && b.data[b.len - 1] == '-')
		b.data[--b.len] = 0;
	if (!b.len)
		buf_adds(&b, "app");
	return buf_steal(&b);
}

struct copy {
	const char *dir;  /* to */
	const char *name; /* of the application */
	int write;        /* 0: only look for what is in the way */
	int quiet;
};

/* The template's manifest with the new name in place of its own. */
static int put_manifest(
	const struct copy *c, const char *from, const char *to, struct err *e)
{
	_buf_ struct buf text = {0};
	_buf_ struct buf out = {0};
	size_t at, end;
	int r;

	r = file_read(from, 1 << 20, &text, e);
	if (r < 0)
		return r;
	at = scan_find(text.data, text.len, "/name", SCAN_VALUE);
	end = scan_token(text.data, text.len, at + 1).end;
	buf_add(&out, text.data, at);
	buf_addf(&out, "\"%s\"", c->name);
	buf_add(&out, text.data + end, text.len - end);
	return file_put(to, out.data, out.len, 0644, e);
}

static int put_copy(
	const char *from, const char *to, mode_t mode, struct err *e)
{
	_outfile_ struct outfile out = {.fd = -1};
	_close_ int fd = -1;
	int r;

	fd = open(from, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "open %s", from);
	r = file_create(&out, to, mode & 0111 ? 0755 : 0644, e);
	if (r == 0)
		r = file_copy_range(fd, 0, out.fd, 0, UINT64_MAX, e);
	return r == 0 ? file_commit(&out, e) : r;
}

static int visit(const char *path, const char *rel, const struct stat *st,
	void *arg, struct err *e)
{
	const struct copy *c = arg;
	_free_ char *to = *rel ? path_join(c->dir, rel) : xstrdup(c->dir);
	struct stat old;
	int r;

	if (S_ISDIR(st->st_mode)) {
		if (!c->write && lstat(to, &old) == 0 && stat(to, &old) == 0 &&
			!S_ISDIR(old.st_mode))
			return err_set(e, -EEXIST, "%s is not a folder", to);
		return c->write ? file_mkdirs(to, e) : 0;
	}
	if (!S_ISREG(st->st_mode))
		return err_set(
			e, -EINVAL, "%s: a template holds only files", path);
	if (lstat(to, &old) == 0)
		return err_set(e, -EEXIST, "%s is there already", to);
	if (!c->write)
		return 0;
	if (!strcmp(rel, "slipway.json"))
		r = put_manifest(c, path, to, e);
	else
		r = put_copy(path, to, st->st_mode, e);
	if (r == 0 && !c->quiet)
		printf("%s\n", to);
	return r;
}

static int unknown_template(const char *data_dir, const char *name)
{
	_strv_ struct strv names = {0};
	const char *near = NULL;
	struct err e;

	if (list_templates(data_dir, &names, &e) == 0)
		near = near_find(name, (const char *const *)names.v, names.n);
	if (near)
		ui_error("unknown template %s, did you mean %s?", name, near);
	else
		ui_error("unknown template %s (see slipway init --list)", name);
	return EXIT_USAGE;
}

static int copy_template(
	const char *data_dir, const char *template, struct copy *c)
{
	_free_ char *templates = path_join(data_dir, "templates");
	_free_ char *from = path_join(templates, template);
	struct stat st;
	struct err e;

	if (strchr(template, '/') || *template == '.' || !*template ||
		stat(from, &st) < 0 || !S_ISDIR(st.st_mode))
		return unknown_template(data_dir, template);
	if (file_walk(from, visit, c, &e) < 0)
		return ui_fail(&e);
	c->write = 1;
	if (file_walk(from, visit, c, &e) < 0)
		return ui_fail(&e);
	return EXIT_OK;
}

int cmd_init(int argc, char **argv)
{
	const char *template = NULL, *given = NULL;
	struct copy c = {.dir = "."};
	_free_ char *data_dir = NULL;
	_free_ char *name = NULL;
	int key, list = 0;
	struct err e;

	data_dir = file_data_dir(&e);
	if (!data_dir)
		return ui_fail(&e);
	while ((key = opt_next(&opts, argc, argv)) != OPT_END) {
		if (key == 't')
			template = optarg;
		else if (key == KEY_NAME)
			given = optarg;
		else if (key == KEY_LIST)
			list = 1;
		else if (key == 'q')
			c.quiet = 1;
		else
			return opt_status(key);
	}
	if (argc - optind > 1)
		return opt_error(&opts, "only one folder can be named");
	if (list)
		return print_templates(data_dir);
	if (optind < argc)
		c.dir = argv[optind];
	name = name_from_dir(c.dir);
	if (given && !app_is_name(given))
		return opt_error(&opts, "--name: %s is not a name", given);
	c.name = given ? given : name;
	return copy_template(data_dir, template ? template : "hello", &c);
}

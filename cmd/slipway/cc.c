/* SPDX-License-Identifier: Apache-2.0 */
/* slipway cc, and TARGET-cc, TARGET-ar and so on: gcc for a target. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "core/file.h"
#include "core/mem.h"
#include "manifest/target.h"
#include "toolchain/driver.h"
#include "toolchain/record.h"
#include "ui.h"

static const char default_target[] = "x86_64-keel";

enum tool_kind { TOOL_CC, TOOL_CXX, TOOL_CPP, TOOL_BINUTILS };

static const struct tool {
	const char *name;
	enum tool_kind kind;
	const char *run; /* after "TRIPLET-" */
} tools[] = {
	{"gcc-ar", TOOL_BINUTILS, "gcc-ar"},
	{"gcc-nm", TOOL_BINUTILS, "gcc-nm"},
	{"gcc-ranlib", TOOL_BINUTILS, "gcc-ranlib"},
	{"cc", TOOL_CC, NULL},
	{"gcc", TOOL_CC, NULL},
	{"c++", TOOL_CXX, NULL},
	{"g++", TOOL_CXX, NULL},
	{"cpp", TOOL_CPP, NULL},
	{"ar", TOOL_BINUTILS, "ar"},
	{"as", TOOL_BINUTILS, "as"},
	{"ranlib", TOOL_BINUTILS, "ranlib"},
	{"ld", TOOL_BINUTILS, "ld"},
	{"nm", TOOL_BINUTILS, "nm"},
	{"strip", TOOL_BINUTILS, "strip"},
	{"objcopy", TOOL_BINUTILS, "objcopy"},
	{"objdump", TOOL_BINUTILS, "objdump"},
	{"readelf", TOOL_BINUTILS, "readelf"},
	{"size", TOOL_BINUTILS, "size"},
	{"strings", TOOL_BINUTILS, "strings"},
	{"addr2line", TOOL_BINUTILS, "addr2line"},
};

/* Errors carry the name that the user called, as gcc's do. */
static int fail(const char *name, const struct err *e)
{
	fprintf(stderr, "%s: error: %s\n", name, e->msg);
	return EXIT_FAILED;
}

static int become(const char *name, char *const *argv)
{
	struct err e;

	execvp(argv[0], argv);
	err_errno(&e, "run %s", argv[0]);
	return fail(name, &e);
}

/* The tool that a program name ends in; *target_len bytes come before. */
static const struct tool *find_tool(const char *name, size_t *target_len)
{
	size_t i, len = strlen(name), n;

	for (i = 0; i < sizeof(tools) / sizeof(*tools); i++) {
		n = strlen(tools[i].name);
		if (len > n + 1 && name[len - n - 1] == '-' &&
			!strcmp(name + len - n, tools[i].name)) {
			*target_len = len - n - 1;
			return &tools[i];
		}
	}
	return NULL;
}

/*
 * What a configure script asks a linker before it plans shared libraries:
 * GNU ld's own help would promise them.
 */
static int ld_help(const char *name, const struct target *t)
{
	printf("Usage: %s [options] file...\n"
	       "GNU ld for %s, which has no shared objects.\n"
	       "The options are those of ld(1).\n",
		name, t->name);
	return EXIT_OK;
}

static int run_binutils(
	const struct target *t, const struct tool *tool, int argc, char **argv)
{
	_strv_ struct strv v = {0};
	int i;

	for (i = 1; i < argc && !strcmp(tool->run, "ld"); i++)
		if (!strcmp(argv[i], "--help"))
			return ld_help(argv[0], t);
	strv_addf(&v, "%s-%s", t->triplet, tool->run);
	for (i = 1; i < argc; i++)
		strv_add(&v, argv[i]);
	return become(argv[0], v.v);
}

/* -print-prog-name=TOOL names the target's, where there is one. */
static int print_tool(const struct driver *d, const struct cc_args *a)
{
	static const char ask[] = "-print-prog-name=";
	const char *opt = a->n == 1 ? a->items[0].text : "";
	_free_ char *exe = NULL, *dir = NULL, *name = NULL, *path = NULL;

	opt += opt[0] == '-' && opt[1] == '-';
	if (strncmp(opt, ask, sizeof(ask) - 1) != 0)
		return -1;
	exe = realpath("/proc/self/exe", NULL);
	dir = exe ? path_dir(exe) : xstrdup("");
	name = xasprintf("%s-%s", d->target->name, opt + sizeof(ask) - 1);
	path = path_join(dir, name);
	if (access(path, X_OK) != 0)
		return -1;
	puts(path);
	return EXIT_OK;
}

static int link_program(
	const struct driver *d, const struct cc_args *a, const char *name)
{
	struct proc_status st;
	struct err e;

	file_catch_signals();
	if (driver_link(d, a, &st, &e) < 0)
		return fail(name, &e);
	if (st.signal)
		return 128 + st.signal;
	if (st.exited && d->cxx)
		fprintf(stderr,
			"%s: note: %s has no C++ standard library; "
			"see slipway-cc(1)\n",
			name, d->target->name);
	return st.exited;
}

/* A compiler's call after which there is something to do. */
static int compile(
	const struct driver *d, const struct cc_args *a, const char *name)
{
	struct proc_status st;
	struct err e;

	file_catch_signals();
	if (record_compile(d, a, &st, &e) < 0)
		return fail(name, &e);
	return st.signal ? 128 + st.signal : st.exited;
}

static int run_compiler(
	struct driver *d, enum tool_kind kind, int argc, char **argv)
{
	_cc_args_ struct cc_args a = {0};
	_strv_ struct strv v = {0};
	struct err e;

	if (cc_args_parse(&a, argc, argv, &e) < 0)
		return fail(argv[0], &e);
	if (print_tool(d, &a) == EXIT_OK)
		return EXIT_OK;
	driver_clean_env();
	if (kind == TOOL_CPP && a.ninputs && a.mode == CC_MODE_LINK)
		a.mode = CC_MODE_COMPILE;
	if (a.mode == CC_MODE_LINK && !a.dry_run)
		return link_program(d, &a, argv[0]);
	if (kind != TOOL_CPP && record_is_wanted(&a))
		return compile(d, &a, argv[0]);
	driver_command(d, &a, &v);
	if (kind == TOOL_CPP)
		strv_add(&v, "-E");
	return become(argv[0], v.v);
}

static int run_tool(
	const char *target, const struct tool *tool, int argc, char **argv)
{
	struct diags diags = {0};
	struct driver d = {.cxx = tool->kind == TOOL_CXX};
	_free_ char *data = NULL, *sysroot = NULL;
	struct target *t;
	struct err e;
	int status;

	data = file_data_dir(&e);
	if (!data)
		return fail(argv[0], &e);
	t = target_read(data, target, &diags);
	if (!t) {
		status = ui_diags(&diags);
		diags_free(&diags);
		return status;
	}
	sysroot = xasprintf("%s/sysroot/%s", data, target);
	d.target = t;
	d.sysroot = sysroot;
	if (tool->kind == TOOL_BINUTILS)
		status = run_binutils(t, tool, argc, argv);
	else
		status = run_compiler(&d, tool->kind, argc, argv);
	target_free(t);
	return status;
}

/* slipway cc [--target NAME] ARGUMENT...: the option comes first. */
static int run_plain(int argc, char **argv)
{
	static const struct tool cc = {"cc", TOOL_CC, NULL};
	const char *target = default_target;
	int skip = 0;

	if (argc > 2 && !strcmp(argv[1], "--target")) {
		target = argv[2];
		skip = 2;
	} else if (argc > 1 && !strncmp(argv[1], "--target=", 9)) {
		target = argv[1] + 9;
		skip = 1;
	}
	argv[skip] = argv[0];
	return run_tool(target, &cc, argc - skip, argv + skip);
}

int cmd_cc(int argc, char **argv)
{
	_free_ char *target = NULL;
	const struct tool *tool;
	size_t len;

	if (!strcmp(argv[0], "cc"))
		return run_plain(argc, argv);
	tool = find_tool(argv[0], &len);
	if (!tool) {
		ui_error("%s: no such tool", argv[0]);
		return EXIT_USAGE;
	}
	target = xstrndup(argv[0], len);
	return run_tool(target, tool, argc, argv);
}

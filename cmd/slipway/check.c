/* SPDX-License-Identifier: Apache-2.0 */
/* slipway check: tells before any boot what would not work. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check/check.h"
#include "cmd.h"
#include "core/mem.h"
#include "open.h"
#include "opt.h"
#include "show.h"
#include "ui.h"

enum { KEY_JSON = 256, KEY_ACCEPT, KEY_TARGET };

static const struct opt table[] = {
	{KEY_ACCEPT, "accept", "NAME",
		"an error about NAME is a warning (may be repeated)"},
	{KEY_TARGET, "target", "NAME", "one of the manifest's targets"},
	{KEY_JSON, "json", NULL, "the findings as a JSON list"},
	{'q', NULL, NULL, "no steps of the build"},
	{'v', NULL, NULL, "every command, so that it can be pasted"},
	{0},
};

static const struct opts opts = {
	.usage = "slipway check [OPTION]... [PROGRAM|MANIFEST|DIR]",
	.about = "Tells before any boot what would not work: system calls that "
		 "the target does not have,\nnew processes, shared libraries, "
		 "and files, ports and memory that are missing; and which "
		 "base fits.",
	.table = table,
};

struct request {
	const char *what, *target;
	struct strv accepted;
	int json;
};

/* 0, or the exit status in *status. */
static int parse(struct request *q, int argc, char **argv, int *status)
{
	int key;

	while ((key = opt_next(&opts, argc, argv)) != OPT_END) {
		switch (key) {
		case KEY_ACCEPT:
			strv_add(&q->accepted, optarg);
			break;
		case KEY_TARGET:
			q->target = optarg;
			break;
		case KEY_JSON:
			q->json = 1;
			break;
		case 'q':
			ui_set_level(UI_QUIET);
			break;
		case 'v':
			ui_set_level(UI_VERBOSE);
			break;
		default:
			*status = opt_status(key);
			return -1;
		}
	}
	if (argc - optind > 1) {
		*status = opt_error(
			&opts, "more than one program: %s", argv[optind + 1]);
		return -1;
	}
	q->what = optind < argc ? argv[optind] : ".";
	return 0;
}

/* A folder with slipway.json, or a file of JSON. */
static int is_manifest(const char *path)
{
	size_t n = strlen(path);
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		_free_ char *layout = xasprintf("%s/index.json", path);

		return access(layout, F_OK) < 0;
	}
	return n >= 5 && !strcmp(path + n - 5, ".json");
}

static int run(const struct request *q, struct findings *f)
{
	_build_ struct build b = {.lock = -1};
	struct err e = {0};
	int r, status;

	if (is_manifest(q->what)) {
		status = open_build(&b, q->what, q->target);
		if (status != EXIT_OK)
			return status;
		r = check_app(&b, f, &e);
	} else if (q->target) {
		return opt_error(&opts, "--target goes with a manifest");
	} else {
		r = check_program(q->what, f, &e);
	}
	return r < 0 ? ui_fail(&e) : EXIT_OK;
}

static void put_text(const struct findings *f, const char *what)
{
	if (!findings_wrong(f)) {
		show_safe(what);
		printf(": nothing found\n");
	}
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *v = &f->v[i];

		printf("%s: ", findings_level(v));
		show_safe(v->text);
		printf(" [%s]\n", v->check);
		if (v->level == FINDING_NOTE && !strcmp(v->fix, "nothing"))
			continue;
		printf("    ");
		show_safe(v->fix);
		putchar('\n');
	}
}

int cmd_check(int argc, char **argv)
{
	struct request q = {0};
	_findings_ struct findings f = {0};
	int status;
	json_t *list;

	if (parse(&q, argc, argv, &status) == 0) {
		f.accepted = &q.accepted;
		status = run(&q, &f);
		ui_finish();
		findings_sort(&f);
		if (status == EXIT_OK && q.json) {
			list = findings_json(&f);
			json_dumpf(list, stdout, JSON_INDENT(2));
			putchar('\n');
			json_decref(list);
		} else if (status == EXIT_OK) {
			put_text(&f, q.what);
		}
		if (status == EXIT_OK && findings_errors(&f))
			status = EXIT_FAILED;
	}
	strv_free(&q.accepted);
	return status;
}

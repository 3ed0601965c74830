/* SPDX-License-Identifier: Apache-2.0 */
/* slipway build: from a manifest to images, disks and kernels. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "build/build.h"
#include "cmd.h"
#include "core/file.h"
#include "core/mem.h"
#include "open.h"
#include "opt.h"
#include "output.h"
#include "summary.h"
#include "ui.h"
#include "verify.h"

enum { KEY_TARGET = 256, KEY_ALL, KEY_TAG, KEY_RUNNER, KEY_VERIFY, KEY_JSON };

static const struct opt table[] = {
	{'o', "output", "PATH|SPEC",
		"an output: a path, or type=TYPE,dest=PATH[,KEY=VALUE]..."},
	{KEY_TARGET, "target", "NAME[,NAME]...",
		"the target, if not the first listed; several: type=oci"},
	{KEY_ALL, "all-targets", NULL, "every target of the manifest"},
	{KEY_TAG, "tag", "REPO:TAG", "name of the image, instead of `tags`"},
	{KEY_RUNNER, "runner", "qemu|none",
		"what starts the machine: the image's own, or the engine"},
	{'j', "jobs", "N", "compilers at once (as many as processors)"},
	{KEY_VERIFY, "verify", NULL,
		"builds once more elsewhere, and compares the bytes"},
	{KEY_JSON, "json", NULL, "what happens, an object a line, on stdout"},
	{'q', "quiet", NULL, "only errors and warnings"},
	{'v', "verbose", NULL, "every command, so that it can be pasted"},
	{0},
};

static const struct opts opts = {
	.usage = "slipway build [OPTION]... [DIR|MANIFEST]",
	.about = "Builds the application of slipway.json (in the current "
		 "folder if none is named).\n"
		 "Output types: docker (default), oci, disk "
		 "(format=raw|qcow2|vmdk|vhdx|vpc|gcp), kernel, rootfs.",
	.table = table,
};

struct request {
	const char *manifest;
	struct strv targets;
	int all_targets;
	struct output *outputs;
	size_t noutputs;
	struct strv tags;
	unsigned jobs; /* 0: not given */
	enum output_runner runner;
	int verify;
};

static void request_free(struct request *q)
{
	for (size_t i = 0; i < q->noutputs; i++)
		output_free(&q->outputs[i]);
	free(q->outputs);
	strv_free(&q->tags);
	strv_free(&q->targets);
}

static int add_output(struct request *q, const char *arg)
{
	q->outputs =
		xreallocarray(q->outputs, q->noutputs + 1, sizeof(*q->outputs));
	return output_parse(&q->outputs[q->noutputs++], arg, &opts);
}

static int add_targets(struct request *q, const char *arg)
{
	_free_ char *text = xstrdup(arg);
	char *name, *rest = text;

	while ((name = strsep(&rest, ","))) {
		if (!*name)
			return opt_error(&opts,
				"--target: \"%s\" is no list of names", arg);
		strv_add(&q->targets, name);
	}
	return 0;
}

static int add_tag(struct request *q, const char *arg)
{
	char *tag = app_tag(arg);

	if (!tag)
		return opt_error(&opts,
			"--tag: \"%s\" is not an image name such as "
			"shop/web:1.2",
			arg);
	strv_take(&q->tags, tag);
	return 0;
}

static int set_jobs(struct request *q, const char *arg)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (*end || *arg < '0' || *arg > '9' || n < 1 || n > 1024)
		return opt_error(&opts,
			"--jobs: \"%s\" is not a number from 1 to 1024", arg);
	q->jobs = (unsigned)n;
	return 0;
}

/* The operand at optind, if there is one; after "--" it must be the last. */
static int add_manifest(struct request *q, int argc, char **argv)
{
	int ended = !strcmp(argv[optind - 1], "--");

	if (optind >= argc)
		return 0;
	if (q->manifest || (ended && argc - optind > 1))
		return opt_error(
			&opts, "more than one manifest: %s", argv[argc - 1]);
	q->manifest = argv[optind++];
	return 0;
}

/* 0, or the exit status in *status. */
static int parse(struct request *q, int argc, char **argv, int *status)
{
	int key, r = 0, last = 0;

	while (!r && !last) {
		key = opt_next(&opts, argc, argv);
		switch (key) {
		case OPT_END: /* options may follow the manifest */
			last = !strcmp(argv[optind - 1], "--") ||
			       optind + 1 >= argc;
			r = add_manifest(q, argc, argv);
			break;
		case 'o':
			r = add_output(q, optarg);
			break;
		case KEY_TARGET:
			r = add_targets(q, optarg);
			break;
		case KEY_ALL:
			q->all_targets = 1;
			break;
		case KEY_TAG:
			r = add_tag(q, optarg);
			break;
		case KEY_RUNNER:
			r = output_runner(&q->runner, optarg, &opts);
			break;
		case 'j':
			r = set_jobs(q, optarg);
			break;
		case KEY_VERIFY:
			q->verify = 1;
			break;
		case KEY_JSON:
			ui_set_events();
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
	*status = r;
	if (r)
		return -1;
	if (q->all_targets && q->targets.n)
		*status = opt_error(
			&opts, "--target and --all-targets do not go together");
	if (!q->manifest)
		q->manifest = ".";
	return *status ? -1 : 0;
}

/* The one that is made when none is named. */
static void default_output(struct request *q, size_t ntargets)
{
	if (!q->noutputs) {
		q->outputs = xcalloc(1, sizeof(*q->outputs));
		q->outputs[0].type = ntargets > 1 ? OUTPUT_OCI : OUTPUT_DOCKER;
		q->outputs[0].level = COMPRESS_DEFAULT;
		q->noutputs = 1;
	}
	for (size_t i = 0; i < q->noutputs && q->runner; i++)
		q->outputs[i].runner = q->runner;
}

/* All but an OCI layout hold what is for one target. */
static int check_types(const struct build *v, size_t n, const struct request *q)
{
	for (size_t i = 0; i < q->noutputs && n > 1; i++)
		if (q->outputs[i].type != OUTPUT_OCI)
			return opt_error(&opts,
				"--output: type=%s holds one target, and these "
				"are %zu (%s, %s%s): use type=oci, or name one "
				"with --target",
				output_type_names[q->outputs[i].type], n,
				v[0].target->name, v[1].target->name,
				n > 2 ? ", ..." : "");
	return EXIT_OK;
}

/* 1 if a file would be written twice, and the first work be lost. */
static int is_twice(const struct build *b, const struct request *q)
{
	for (size_t i = 0; i < q->noutputs; i++) {
		_free_ char *path = build_output_path(b, &q->outputs[i]);

		for (size_t k = 0; k < i; k++) {
			_free_ char *other =
				build_output_path(b, &q->outputs[k]);

			if (!strcmp(path, other)) {
				opt_error(&opts,
					"--output: %s is written twice", path);
				return 1;
			}
		}
	}
	return 0;
}

static int build_outputs(struct build *v, size_t n, struct request *q)
{
	struct err e = {0};
	int status = check_types(v, n, q);

	if (status != EXIT_OK)
		return status;
	if (is_twice(v, q))
		return EXIT_USAGE;
	for (size_t i = 0; i < n && q->jobs; i++)
		v[i].jobs = q->jobs;
	for (size_t i = 0; i < q->noutputs; i++) {
		if (build_output(v, n, &q->outputs[i], &q->tags, &e) < 0) {
			err_wrap(&e, "build %s", v->app->name);
			return ui_fail(&e);
		}
	}
	if (q->verify)
		status = verify_build(v, n, q->outputs, q->noutputs, &q->tags);
	if (status != EXIT_OK)
		return status;
	return summary_show(v, n, q->outputs, q->noutputs, &q->tags);
}

static int build_all(struct request *q)
{
	struct build *v;
	size_t n;
	int status = open_builds(
		&v, &n, q->manifest, q->all_targets ? NULL : &q->targets);

	if (status != EXIT_OK)
		return status;
	default_output(q, n);
	status = build_outputs(v, n, q);
	build_close_targets(v, n);
	return status;
}

int cmd_build(int argc, char **argv)
{
	struct request q = {0};
	int status;

	if (parse(&q, argc, argv, &status) == 0)
		status = build_all(&q);
	request_free(&q);
	ui_end(status);
	return status;
}

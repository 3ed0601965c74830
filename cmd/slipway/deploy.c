/* SPDX-License-Identifier: Apache-2.0 */
/* slipway deploy: what an engine must be told to run the application. */
#include "deploy/deploy.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "build/imageroot.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/near.h"
#include "manifest/target.h"
#include "opt.h"
#include "ui.h"

enum { KEY_ENGINE = 256, KEY_TAG, KEY_TARGET, KEY_TAKEOVER, KEY_KVM };

static const struct opt table[] = {
	{KEY_ENGINE, "engine", "plain|urunc|kubevirt",
		"what starts the machine in Kubernetes"},
	{KEY_TAG, "tag", "REPO:TAG",
		"the image, instead of the first of `tags`"},
	{KEY_TARGET, "target", "NAME", "the target, if not the first listed"},
	{KEY_TAKEOVER, "takeover", NULL,
		"the machine has the container's own addresses"},
	{KEY_KVM, "kvm", NULL, "the container has /dev/kvm"},
	{'o', "output", "PATH", "a file, instead of standard output"},
	{0},
};

static const struct opts opts = {
	.usage = "slipway deploy compose|kubernetes [OPTION]... "
		 "[DIR|MANIFEST]",
	.about = "Writes what Compose or Kubernetes must be told to run the "
		 "application as its\nmanifest says, as YAML.",
	.table = table,
};

typedef int deploy_fn(const struct deploy *d, struct buf *out, struct err *e);

static const struct {
	const char *name;
	deploy_fn *write;
} kinds[] = {
	{"compose", deploy_compose},
	{"kubernetes", deploy_kubernetes},
};
enum { NKINDS = sizeof(kinds) / sizeof(kinds[0]) };

struct request {
	deploy_fn *write;
	const char *manifest, *target, *output;
	char *tag;
	struct deploy d;
};

static int set_kind(struct request *q, const char *word)
{
	const char *names[NKINDS];
	const char *near;

	for (size_t i = 0; i < NKINDS; i++) {
		names[i] = kinds[i].name;
		if (!strcmp(word, kinds[i].name)) {
			q->write = kinds[i].write;
			return 0;
		}
	}
	near = near_find(word, names, NKINDS);
	return opt_error(&opts, "unknown kind \"%s\"%s%s", word,
		near ? ", did you mean " : " (compose, kubernetes)",
		near ? near : "");
}

static int set_engine(struct request *q, const char *word)
{
	const char *near;

	for (size_t i = 0; i < DEPLOY_ENGINES; i++) {
		if (!strcmp(word, deploy_engine_names[i])) {
			q->d.engine = (enum deploy_engine)i;
			return 0;
		}
	}
	near = near_find(word, deploy_engine_names, DEPLOY_ENGINES);
	return opt_error(&opts, "--engine: unknown engine \"%s\"%s%s", word,
		near ? ", did you mean " : " (plain, urunc, kubevirt)",
		near ? near : "");
}

static int set_tag(struct request *q, const char *word)
{
	free(q->tag);
	q->tag = app_tag(word);
	if (q->tag)
		return 0;
	return opt_error(&opts,
		"--tag: \"%s\" is not an image name such as shop/web:1.2",
		word);
}

static int add_operand(struct request *q, const char *word)
{
	if (!q->write)
		return set_kind(q, word);
	if (q->manifest)
		return opt_error(&opts, "more than one manifest: %s", word);
	q->manifest = word;
	return 0;
}

static int set_option(struct request *q, int key)
{
	switch (key) {
	case KEY_ENGINE:
		return set_engine(q, optarg);
	case KEY_TAG:
		return set_tag(q, optarg);
	case KEY_TARGET:
		q->target = optarg;
		return 0;
	case KEY_TAKEOVER:
		q->d.takeover = 1;
		return 0;
	case KEY_KVM:
		q->d.kvm = 1;
		return 0;
	case 'o':
		q->output = optarg;
		return *optarg ? 0 : opt_error(&opts, "-o: empty path");
	default:
		return opt_status(key);
	}
}

/* 0, or the exit status in *status. */
static int parse(struct request *q, int argc, char **argv, int *status)
{
	int key;

	*status = 0;
	while (!*status) {
		key = opt_next(&opts, argc, argv);
		if (key == OPT_HELP) {
			*status = opt_status(key);
			return -1;
		}
		if (key != OPT_END)
			*status = set_option(q, key);
		else if (optind < argc)
			*status = add_operand(q, argv[optind++]);
		else
			break;
	}
	if (*status)
		return -1;
	if (!q->write) {
		*status = opt_error(&opts, "compose or kubernetes?");
		return -1;
	}
	if (q->d.engine != DEPLOY_PLAIN && q->write == deploy_compose)
		*status = opt_error(&opts, "--engine goes with kubernetes");
	return *status ? -1 : 0;
}

static int write_out(const struct request *q, const struct buf *text)
{
	struct err e;

	if (q->output) {
		if (file_put(q->output, text->data, text->len, 0644, &e) < 0)
			return ui_fail(&e);
		return EXIT_OK;
	}
	fwrite(text->data, 1, text->len, stdout);
	return EXIT_OK;
}

/* Memory and more may be the target's choice. NULL: *status is said. */
static struct app *read_manifest(const struct request *q, int *status)
{
	struct diags diags = {0};
	struct err e = {0};
	_free_ char *data = file_data_dir(&e);
	struct target *t = NULL;
	struct app *a = NULL;

	if (!data) {
		*status = ui_fail(&e);
		return NULL;
	}
	a = app_read_for(q->manifest ? q->manifest : ".", q->target, &diags);
	if (a)
		t = app_target(a, data, &diags);
	*status = EXIT_OK;
	if (t && imageroot_describe(a, t, &e) < 0)
		*status = ui_fail(&e);
	if (!t || *status != EXIT_OK) {
		app_free(a);
		a = NULL;
	}
	target_free(t);
	if (*status == EXIT_OK)
		*status = ui_diags(&diags);
	diags_free(&diags);
	return a;
}

static int deploy(struct request *q)
{
	_buf_ struct buf text = {0};
	struct err e = {0};
	int status;
	struct app *a = read_manifest(q, &status);

	if (!a)
		return status ? status : EXIT_USAGE;
	q->d.app = a;
	q->d.image = q->tag ? q->tag : a->tags.v[0];
	if (q->write(&q->d, &text, &e) < 0) {
		err_wrap(&e, "deploy %s", a->name);
		status = ui_fail(&e);
	} else {
		status = write_out(q, &text);
	}
	app_free(a);
	return status;
}

int cmd_deploy(int argc, char **argv)
{
	struct request q = {0};
	int status;

	if (parse(&q, argc, argv, &status) == 0)
		status = deploy(&q);
	free(q.tag);
	return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* slipway targets: what can be built for. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "core/file.h"
#include "core/mem.h"
#include "manifest/target.h"
#include "opt.h"
#include "ui.h"

enum { KEY_JSON = 256 };

static const struct opt table[] = {
	{KEY_JSON, "json", NULL, "for machines"},
	{0},
};

static const struct opts opts = {
	.usage = "slipway targets [--json]",
	.about = "Lists the targets that an application can be built for.",
	.table = table,
};

static void print_line(const struct target *t)
{
	printf("%-16s %-8s %-6s %s\n", t->name, t->arch, t->base,
		t->description);
}

static json_t *to_json(const struct target *t)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "name", t->name,
		"description", t->description, "base", t->base, "arch", t->arch,
		"oci_arch", t->oci_arch, "machine", t->machine, "memory_min",
		(json_int_t)t->memory_min);
}

/* Prints what can be read even when one of them is wrong. */
static int print_all(const char *data_dir, const struct strv *names, int json)
{
	json_t *list = json_array();
	struct target *t;
	int status = EXIT_OK;
	size_t i;

	if (!json)
		printf("%-16s %-8s %-6s %s\n", "NAME", "MACHINE", "BASE",
			"DESCRIPTION");
	for (i = 0; i < names->n; i++) {
		struct diags diags = {0};

		t = target_read(data_dir, names->v[i], &diags);
		if (ui_diags(&diags))
			status = EXIT_USAGE;
		diags_free(&diags);
		if (t && json)
			json_array_append_new(list, to_json(t));
		else if (t)
			print_line(t);
		target_free(t);
	}
	if (json) {
		json_dumpf(list, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(list);
	return status;
}

int cmd_targets(int argc, char **argv)
{
	_free_ char *data_dir = NULL;
	_strv_ struct strv names = {0};
	int key, json = 0;
	struct err e;

	while ((key = opt_next(&opts, argc, argv)) != OPT_END) {
		if (key != KEY_JSON)
			return opt_status(key);
		json = 1;
	}
	if (optind < argc)
		return opt_error(&opts, "targets takes no argument");
	data_dir = file_data_dir(&e);
	if (!data_dir || target_list(data_dir, &names, &e) < 0)
		return ui_fail(&e);
	return print_all(data_dir, &names, json);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* slipway cache: what is kept of builds, and how to make it smaller. */
#include "core/cache.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "core/size.h"
#include "opt.h"
#include "ui.h"

enum { KEY_JSON = 256, KEY_PRUNE };

static const struct opt table[] = {
	{KEY_PRUNE, "prune", "SIZE", "make it at most so large (0: empty)"},
	{KEY_JSON, "json", NULL, "for machines"},
	{0},
};

static const struct opts opts = {
	.usage = "slipway cache [--prune SIZE] [--json]",
	.about = "Shows the folder of build results and its size. Builds that "
		 "run may use it\nmeanwhile.",
	.table = table,
};

static void print_size(const char *what, uint64_t bytes)
{
	printf("%-8s %.1f MiB\n", what, (double)bytes / (1 << 20));
}

static void print_text(const struct cache *c, const struct cache_info *i)
{
	printf("%-8s %s%s\n", "folder", c->dir,
		access(c->dir, W_OK) < 0 ? " (read-only)" : "");
	print_size("limit", c->max_bytes);
	print_size("size", i->bytes);
	printf("%-8s %zu\n", "entries", i->entries);
}

static void print_json(const struct cache *c, const struct cache_info *i)
{
	json_t *o = json_pack("{s:s, s:b, s:I, s:I, s:I}", "folder", c->dir,
		"writable", access(c->dir, W_OK) == 0, "limit",
		(json_int_t)c->max_bytes, "size", (json_int_t)i->bytes,
		"entries", (json_int_t)i->entries);

	json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(o);
}

int cmd_cache(int argc, char **argv)
{
	_cache_ struct cache c = {0};
	struct cache_info info;
	int key, json = 0, r;
	const char *prune = NULL;
	uint64_t max = 0;
	struct err e;

	while ((key = opt_next(&opts, argc, argv)) != OPT_END) {
		if (key == KEY_JSON)
			json = 1;
		else if (key == KEY_PRUNE)
			prune = optarg;
		else
			return opt_status(key);
	}
	if (optind < argc)
		return opt_error(&opts, "cache takes no argument");
	if (prune && strcmp(prune, "0") != 0 && size_parse(prune, &max) < 0)
		return opt_error(&opts,
			"--prune: \"%s\" is not a size such as 500M", prune);
	if (cache_open(&c, &e) < 0) {
		ui_fail(&e);
		return EXIT_USAGE;
	}
	if (!c.dir) {
		ui_error("there is no cache (see SLIPWAY_CACHE in slipway(1))");
		return EXIT_FAILED;
	}
	r = prune ? cache_prune(&c, max, &info, &e)
		  : cache_measure(&c, &info, &e);
	if (r < 0)
		return ui_fail(&e);
	if (json)
		print_json(&c, &info);
	else
		print_text(&c, &info);
	return EXIT_OK;
}

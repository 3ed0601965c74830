/* SPDX-License-Identifier: Apache-2.0 */
/* slipway inspect A B: what differs between two files. */
#include "differ.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "core/digest.h"
#include "core/mem.h"
#include "inspect/inspect.h"
#include "show.h"
#include "ui.h"

static void put_side(char side, const json_t *v)
{
	_free_ char *text = NULL;

	if (!v)
		return;
	text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
	printf("  %c ", side);
	show_safe(text ? text : "");
	putchar('\n');
}

static void put_differences(const json_t *list)
{
	size_t i;
	json_t *d;

	json_array_foreach(list, i, d)
	{
		show_safe(show_text(d, "where"));
		putchar('\n');
		put_side('-', json_object_get(d, "a"));
		put_side('+', json_object_get(d, "b"));
	}
}

/* Where the descriptions are the same and the bytes are not. */
static int compare_bytes(json_t *list, const char *a, const char *b)
{
	struct digest_hex in_a, in_b;
	struct stat st;
	struct err e = {0};

	if (json_array_size(list) || (stat(a, &st) == 0 && S_ISDIR(st.st_mode)))
		return EXIT_OK;
	if (digest_file(a, &in_a, &e) < 0 || digest_file(b, &in_b, &e) < 0)
		return ui_fail(&e);
	if (strcmp(in_a.s, in_b.s) != 0)
		json_array_append_new(list,
			json_pack("{ss, ss, ss}", "where", "bytes of the file",
				"a", in_a.s, "b", in_b.s));
	return EXIT_OK;
}

int differ_show(const char *a, const char *b, int json)
{
	struct err e = {0};
	json_t *in_a = inspect_file(a, INSPECT_DIGESTS, &e);
	json_t *in_b = in_a ? inspect_file(b, INSPECT_DIGESTS, &e) : NULL;
	json_t *list = NULL;
	int status = EXIT_FAILED;

	if (in_b) {
		list = inspect_compare(in_a, in_b);
		status = compare_bytes(list, a, b);
	} else {
		ui_fail(&e);
	}
	if (status == EXIT_OK && json) {
		json_dumpf(list, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (status == EXIT_OK) {
		put_differences(list);
	}
	if (status == EXIT_OK && json_array_size(list))
		status = EXIT_FAILED;
	json_decref(list);
	json_decref(in_a);
	json_decref(in_b);
	return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Answers from the record of a link. */
#include "inspect/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/near.h"
#include "toolchain/explain.h"

enum { RECORD_MAX = 256 << 20, SIMILAR_MAX = 5 };

static int check_rows(json_t *list, size_t strings, size_t least)
{
	size_t i, k;
	json_t *row;

	if (!json_is_array(list))
		return -EINVAL;
	json_array_foreach(list, i, row)
	{
		if (json_array_size(row) < least)
			return -EINVAL;
		for (k = 0; k < least; k++) {
			json_t *v = json_array_get(row, k);

			if (k < strings ? !json_is_string(v)
					: !json_is_integer(v))
				return -EINVAL;
		}
	}
	return 0;
}

static int check_components(const json_t *o)
{
	json_t *list = json_object_get(o, "components"), *c;
	json_int_t left = json_integer_value(json_object_get(o, "size"));
	size_t i;

	if (!json_is_array(list))
		return -EINVAL;
	json_array_foreach(list, i, c)
	{
		json_int_t n = json_integer_value(json_object_get(c, "bytes"));

		if (!json_is_string(json_object_get(c, "name")) || n <= 0 ||
			n > left)
			return -EINVAL;
		left -= n;
	}
	return left ? -EINVAL : 0;
}

static int check_record(const json_t *o)
{
	json_int_t version = json_integer_value(json_object_get(o, "version"));

	if (version != EXPLAIN_VERSION)
		return -ENOTSUP;
	if (!json_is_string(json_object_get(o, "kernel")) ||
		check_components(o) < 0 ||
		check_rows(json_object_get(o, "objects"), 2, 3) < 0 ||
		check_rows(json_object_get(o, "symbols"), 1, 5) < 0 ||
		check_rows(json_object_get(o, "calls"), 3, 4) < 0)
		return -EINVAL;
	return 0;
}

json_t *explain_parse(const void *text, size_t len, struct err *e)
{
	json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	int r = check_record(o);

	if (r == 0)
		return o;
	json_decref(o);
	err_set(e, r, "%s",
		r == -ENOTSUP ? "the record of the link is of another version "
				"of Slipway"
			      : "the record of the link is damaged");
	return NULL;
}

json_t *explain_in(const char *dir, const char *digest)
{
	_free_ char *path = path_join(dir, EXPLAIN_FILE);
	_buf_ struct buf text = {0};
	struct err ignored;
	const char *kernel;
	json_t *o;

	if (access(path, R_OK) < 0 ||
		file_read(path, RECORD_MAX, &text, &ignored) < 0)
		return NULL;
	o = explain_parse(text.data ? text.data : "", text.len, &ignored);
	kernel = json_string_value(json_object_get(o, "kernel"));
	if (kernel && digest && !strcmp(kernel, digest))
		return o;
	json_decref(o);
	return NULL;
}

json_t *explain_beside(const char *path, const char *digest)
{
	_free_ char *dir = path_dir(path);
	_free_ char *stem = xstrdup(path);
	char *dot = strrchr(stem, '.');
	json_t *o = explain_in(dir, digest);

	if (o || !dot || dot < path_base(stem))
		return o;
	*dot = 0;
	return explain_in(stem, digest);
}

void explain_use(json_t *content, json_t *record)
{
	json_t *digest = json_object_get(record, "kernel");

	if (json_object_get(content, "kernel"))
		content = json_object_get(
			json_object_get(content, "kernel"), "content");
	if (!digest || !json_equal(json_object_get(content, "digest"), digest))
		return;
	json_object_set(
		content, "components", json_object_get(record, "components"));
	json_object_set_new(
		content, "components_from", json_string("record of the link"));
}

/* --- the record's tables ---------------------------------------------------*/

static const char *cell_text(const json_t *table, json_int_t row, size_t col)
{
	json_t *r = row < 0 ? NULL : json_array_get(table, (size_t)row);
	const char *s = json_string_value(json_array_get(r, col));

	return s ? s : "";
}

static json_int_t cell_number(const json_t *table, json_int_t row, size_t col)
{
	json_t *r = row < 0 ? NULL : json_array_get(table, (size_t)row);

	return json_integer_value(json_array_get(r, col));
}

/* In the order of toolchain/explain.h. */
enum { NAME, OBJECT, BYTES, PARENT, HOW, ALIAS };
enum { HOW_STRONG = 1 };
enum { CALL_NAME, CALL_STATUS, CALL_NOTE, CALL_SYMBOL };

static json_int_t parent_of(const json_t *symbols, json_int_t i)
{
	json_int_t p = cell_number(symbols, i, PARENT);

	return p >= 0 && (size_t)p < json_array_size(symbols) ? p : -1;
}

/* Steps to the end of the chain; SIZE_MAX for a ring, which no link has. */
static size_t depth_of(const json_t *symbols, json_int_t i)
{
	size_t n = 0;

	for (; i >= 0; i = parent_of(symbols, i))
		if (n++ > json_array_size(symbols))
			return SIZE_MAX;
	return n;
}

static json_t *show_step(json_t *record, json_int_t i)
{
	json_t *symbols = json_object_get(record, "symbols");
	json_t *objects = json_object_get(record, "objects");
	json_int_t object = cell_number(symbols, i, OBJECT);
	json_int_t how = cell_number(symbols, i, HOW);

	return json_pack("{ss, ss, ss, ss}", "symbol",
		cell_text(symbols, i, NAME), "object",
		cell_text(objects, object, 0), "component",
		cell_text(objects, object, 1), "how",
		explain_how[how >= 0 && how < 5 ? how : 4]);
}

/* --- why -------------------------------------------------------------------*/

/* How well a row answers to a name: 0 not at all, more is better. */
static int symbol_fits(const json_t *symbols, json_int_t i, const char *name)
{
	static const char *const prefixes[] = {"keel_sys_", "keel_"};
	json_t *row = json_array_get(symbols, (size_t)i);

	for (size_t k = NAME; k < json_array_size(row); k++) {
		const char *s = cell_text(symbols, i, k);

		if (*s && !strcmp(s, name))
			return 4;
	}
	for (size_t k = 0; k < 2; k++) {
		size_t len = strlen(prefixes[k]);
		const char *s = cell_text(symbols, i, NAME);

		if (!strncmp(s, prefixes[k], len) && !strcmp(s + len, name))
			return 3;
	}
	return 0;
}

/* "libc.a(printf.o)" answers to itself, to "printf.o" and to "libc.a". */
static int object_fits(const char *object, const char *name)
{
	const char *member = strrchr(object, '(');
	size_t len = strlen(name);

	if (!*name)
		return 0;
	if (!strcmp(object, name))
		return 2;
	if (!member)
		return !strcmp(path_base(object), name);
	return (!strncmp(member + 1, name, len) &&
		       !strcmp(member + 1 + len, ")")) ||
	       ((size_t)(member - object) == len &&
		       !strncmp(object, name, len));
}

static json_int_t find_name(json_t *record, const char *name)
{
	json_t *symbols = json_object_get(record, "symbols");
	json_t *objects = json_object_get(record, "objects");
	json_int_t best = -1;
	size_t best_depth = SIZE_MAX;
	int best_fit = 0;

	for (json_int_t i = 0; (size_t)i < json_array_size(symbols); i++) {
		int fit = symbol_fits(symbols, i, name);
		size_t depth;

		if (!fit)
			fit = object_fits(
				cell_text(objects,
					cell_number(symbols, i, OBJECT), 0),
				name);
		if (!fit || fit < best_fit)
			continue;
		depth = depth_of(symbols, i);
		if (fit > best_fit || depth < best_depth) {
			best = i;
			best_fit = fit;
			best_depth = depth;
		}
	}
	return best;
}

/* "no X in this kernel: did you mean Y? (also: Z)" */
static void set_unknown(json_t *record, const char *name, struct err *e)
{
	json_t *symbols = json_object_get(record, "symbols");
	size_t n = json_array_size(symbols), found = 0, i;
	_free_ const char **words = xcalloc(n + 1, sizeof(*words));
	_buf_ struct buf similar = {0};
	const char *near;

	for (i = 0; i < n; i++) {
		words[i] = cell_text(symbols, (json_int_t)i, NAME);
		if (!strncmp(words[i], "keel_sys_", 9))
			words[i] += 9;
	}
	near = near_find(name, words, n);
	if (near)
		buf_addf(&similar, "%s", near);
	for (i = 0; i < n && found < SIMILAR_MAX && strlen(name) > 2; i++)
		if (strstr(words[i], name) &&
			(!near || strcmp(words[i], near) != 0)) {
			buf_addf(&similar, "%s%s", similar.len ? ", " : "",
				words[i]);
			found++;
		}
	if (similar.len)
		err_set(e, -ENOENT,
			"there is no %s in this kernel; did you mean %s?", name,
			similar.data);
	else
		err_set(e, -ENOENT, "there is no %s in this kernel", name);
}

json_t *explain_why(json_t *record, const char *name, struct err *e)
{
	json_t *symbols = json_object_get(record, "symbols");
	json_int_t i = find_name(record, name);
	json_t *o, *chain;

	if (i < 0) {
		set_unknown(record, name, e);
		return NULL;
	}
	if (depth_of(symbols, i) == SIZE_MAX) {
		err_set(e, -EINVAL, "the record of the link is damaged");
		return NULL;
	}
	o = json_object();
	chain = json_array();
	json_object_set_new(o, "symbol", json_string(name));
	json_object_set_new(o, "chain", chain);
	for (; i >= 0; i = parent_of(symbols, i))
		json_array_insert_new(chain, 0, show_step(record, i));
	return o;
}

/* --- calls -----------------------------------------------------------------*/

static const char *component_of(json_t *record, json_int_t i)
{
	json_t *symbols = json_object_get(record, "symbols");
	json_t *objects = json_object_get(record, "objects");

	return cell_text(objects, cell_number(symbols, i, OBJECT), 1);
}

static int is_program(json_t *record, json_int_t i)
{
	const char *c = component_of(record, i);

	return !strcmp(c, "application") || !strncmp(c, "library ", 8);
}

/* The last function of the program on the way to a call, else of whoever;
 * *via is what it calls. */
static json_int_t caller_of(json_t *record, json_int_t call, json_int_t *via)
{
	json_t *symbols = json_object_get(record, "symbols");
	json_int_t first = parent_of(symbols, call), i, next = call;

	*via = call;
	if (depth_of(symbols, call) == SIZE_MAX)
		return -1;
	for (i = first; i >= 0; next = i, i = parent_of(symbols, i)) {
		if (*cell_text(symbols, i, NAME) && is_program(record, i)) {
			*via = next;
			return i;
		}
	}
	return first;
}

/* "fork" for keel_sys_fork: the name that a program knows. */
static const char *plain_name(const json_t *symbols, json_int_t i)
{
	const char *name = cell_text(symbols, i, NAME);

	return strncmp(name, "keel_sys_", 9) ? name : name + 9;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(cell_text(*(json_t *const *)a, 0, 0),
		cell_text(*(json_t *const *)b, 0, 0));
}

json_t *explain_calls(json_t *record)
{
	json_t *calls = json_object_get(record, "calls");
	json_t *symbols = json_object_get(record, "symbols");
	json_t *objects = json_object_get(record, "objects");
	size_t n = json_array_size(calls), i;
	_free_ json_t **rows = xcalloc(n + 1, sizeof(json_t *));
	json_t *list = json_array();

	for (i = 0; i < n; i++)
		rows[i] = json_pack("[O]", json_array_get(calls, i));
	if (n)
		qsort(rows, n, sizeof(json_t *), by_name);
	for (i = 0; i < n; i++) {
		json_int_t via,
			at = caller_of(record,
				cell_number(rows[i], 0, CALL_SYMBOL), &via);

		json_array_append_new(list,
			json_pack("{ss, ss, ss, ss, ss, ss}", "name",
				cell_text(rows[i], 0, CALL_NAME), "status",
				cell_text(rows[i], 0, CALL_STATUS), "note",
				cell_text(rows[i], 0, CALL_NOTE), "from",
				cell_text(symbols, at, NAME), "object",
				cell_text(objects,
					cell_number(symbols, at, OBJECT), 0),
				"via", plain_name(symbols, via)));
		json_decref(rows[i]);
	}
	return list;
}

json_t *explain_uses(json_t *record)
{
	json_t *symbols = json_object_get(record, "symbols");
	json_t *objects = json_object_get(record, "objects");
	json_t *list = json_array();

	for (json_int_t i = 0; (size_t)i < json_array_size(symbols); i++) {
		json_int_t p = parent_of(symbols, i);
		json_t *row = json_array_get(symbols, (size_t)i);

		if (p < 0 || cell_number(symbols, i, HOW) != HOW_STRONG ||
			!is_program(record, p) ||
			!strcmp(component_of(record, p),
				component_of(record, i)))
			continue;
		/* A function may be known by any of its names. */
		for (size_t k = NAME; k < json_array_size(row); k++) {
			if (k > NAME && k < ALIAS)
				continue;
			json_array_append_new(list,
				json_pack("{ss, ss, ss}", "name",
					cell_text(symbols, i, k), "from",
					cell_text(symbols, p, NAME), "object",
					cell_text(objects,
						cell_number(symbols, p, OBJECT),
						0)));
		}
	}
	return list;
}

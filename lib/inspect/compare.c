/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between two descriptions by inspect_file. */
#include <string.h>

#include "core/mem.h"
#include "inspect/inspect.h"

/* Members that follow from others, or tell nothing of the content. */
static int is_derived(const char *key)
{
	return !strcmp(key, "blob") || !strcmp(key, "allocated");
}

/* What a member of a list is known by: two of a kind are one thing that
 * changed, whatever their places are. NULL: by its place. */
static const char *name_of(json_t *v)
{
	static const char *const keys[] = {"path", "comment", "name"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *s = json_string_value(json_object_get(v, keys[i]));

		if (s && *s)
			return s;
	}
	return NULL;
}

/* The members of a list by name; NULL if not each has one of its own. */
static json_t *by_name(json_t *list)
{
	json_t *o = json_object();
	size_t i;
	json_t *v;

	json_array_foreach(list, i, v)
	{
		const char *name = name_of(v);

		if (!name || json_object_get(o, name)) {
			json_decref(o);
			return NULL;
		}
		json_object_set(o, name, v);
	}
	return o;
}

static void differ(json_t *out, const char *where, json_t *a, json_t *b)
{
	json_t *o = json_object();

	json_object_set_new(o, "where", json_string(where));
	if (a)
		json_object_set(o, "a", a);
	if (b)
		json_object_set(o, "b", b);
	json_array_append_new(out, o);
}

static void compare(json_t *out, const char *where, json_t *a, json_t *b);

/* One step down; a member that only one has is told as a whole. */
static void compare_member(
	json_t *out, const char *where, const char *key, json_t *a, json_t *b)
{
	_free_ char *at = xasprintf("%s%s%s", where, *where ? ": " : "", key);

	if (!a || !b)
		differ(out, at, a, b);
	else
		compare(out, at, a, b);
}

static void compare_objects(
	json_t *out, const char *where, json_t *a, json_t *b)
{
	const char *key;
	json_t *v;

	json_object_foreach(a, key, v)
	{
		if (!is_derived(key))
			compare_member(
				out, where, key, v, json_object_get(b, key));
	}
	json_object_foreach(b, key, v)
	{
		if (!is_derived(key) && !json_object_get(a, key))
			compare_member(out, where, key, NULL, v);
	}
}

static void compare_lists(json_t *out, const char *where, json_t *a, json_t *b)
{
	json_t *in_a = by_name(a), *in_b = by_name(b);
	size_t i, n = json_array_size(a), m = json_array_size(b);

	if (in_a && in_b)
		compare_objects(out, where, in_a, in_b);
	for (i = 0; !(in_a && in_b) && (i < n || i < m); i++) {
		_free_ char *key = xasprintf("%zu", i + 1);

		compare_member(out, where, key, json_array_get(a, i),
			json_array_get(b, i));
	}
	json_decref(in_a);
	json_decref(in_b);
}

static void compare(json_t *out, const char *where, json_t *a, json_t *b)
{
	if (json_is_object(a) && json_is_object(b))
		compare_objects(out, where, a, b);
	else if (json_is_array(a) && json_is_array(b))
		compare_lists(out, where, a, b);
	else if (!json_equal(a, b))
		differ(out, where, a, b);
}

json_t *inspect_compare(json_t *a, json_t *b)
{
	json_t *out = json_array();

	compare(out, "", a, b);
	return out;
}

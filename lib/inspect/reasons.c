/* SPDX-License-Identifier: Apache-2.0 */
/* Why files are in a root filesystem: a list that images of ours have. */
#include "inspect/reasons.h"

#include <string.h>

#include "core/file.h"
#include "core/mem.h"

enum { REASONS_MAX = 64 << 20 };

json_t *reasons_parse(const void *text, size_t len)
{
	json_t *list, *o;
	size_t i;

	if (len > REASONS_MAX)
		return NULL;
	list = json_loadb(text, len, 0, NULL);
	json_array_foreach(list, i, o)
	{
		if (json_is_string(json_object_get(o, "path")) &&
			json_is_string(json_object_get(o, "reason")))
			continue;
		json_decref(list);
		return NULL;
	}
	if (json_is_array(list))
		return list;
	json_decref(list);
	return NULL;
}

json_t *reasons_beside(const char *path)
{
	_free_ char *dir = path_dir(path);
	_free_ char *file = path_join(dir, REASONS_FILE);
	_buf_ struct buf text = {0};
	struct err ignored;

	if (file_read(file, REASONS_MAX, &text, &ignored) < 0 || !text.data)
		return NULL;
	return reasons_parse(text.data, text.len);
}

/* Of the path, or of the nearest folder above it that is a tree. */
static json_t *find(const json_t *by_path, const char *path)
{
	_free_ char *up = xasprintf("/%s", path + strspn(path, "/"));
	json_t *o = json_object_get(by_path, up);
	char *slash;

	while (!o && (slash = strrchr(up, '/'))) {
		slash[slash == up] = 0; /* "/" can be one, too */
		o = json_object_get(by_path, up);
		if (!json_is_true(json_object_get(o, "tree")))
			o = NULL;
		if (slash == up)
			break;
	}
	return json_object_get(o, "reason");
}

void reasons_tell(const json_t *reasons, json_t *files)
{
	json_t *by_path = json_object(), *o;
	size_t i;

	json_array_foreach(reasons, i, o) json_object_set(
		by_path, json_string_value(json_object_get(o, "path")), o);
	json_array_foreach(files, i, o)
	{
		const char *path =
			json_string_value(json_object_get(o, "path"));
		json_t *reason = path ? find(by_path, path) : NULL;

		if (reason)
			json_object_set(o, "origin", reason);
	}
	json_decref(by_path);
}

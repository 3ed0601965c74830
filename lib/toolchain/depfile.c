/* SPDX-License-Identifier: Apache-2.0 */
/* Dependency files of gcc -MD: "target: file file \". */
#include "toolchain/depfile.h"

#include <string.h>

#include "core/file.h"

enum { DEPFILE_MAX = 64 << 20 };

/* One name at p; gcc writes " " and "#" as "\ " and "\#", "$" as "$$". */
static const char *parse_name(const char *p, struct strv *files)
{
	struct buf name = {0};

	for (; *p && !strchr(" \t\n", *p); p++) {
		if (p[0] == '\\' && p[1] == '\n')
			break;
		if ((p[0] == '\\' && p[1] && strchr(" #\\", p[1])) ||
			(p[0] == '$' && p[1] == '$'))
			p++;
		buf_add(&name, p, 1);
	}
	if (name.data)
		strv_take(files, buf_steal(&name));
	return p;
}

void depfile_parse(const char *text, struct strv *files)
{
	const char *p = strstr(text, ": ");

	if (!p)
		return;
	for (p += 2; *p;) {
		if (p[0] == '\\' && p[1] == '\n')
			p += 2;
		else if (*p == '\n')
			return; /* rules of -MP follow */
		else if (*p == ' ' || *p == '\t')
			p++;
		else
			p = parse_name(p, files);
	}
}

int depfile_read(const char *path, struct strv *files, struct err *e)
{
	_buf_ struct buf text = {0};
	int r = file_read(path, DEPFILE_MAX, &text, e);

	if (r == 0 && text.data)
		depfile_parse(text.data, files);
	return r;
}

static void add_name(const char *name, struct buf *out)
{
	for (; *name; name++) {
		if (strchr(" #", *name))
			buf_adds(out, "\\");
		else if (*name == '$')
			buf_adds(out, "$");
		buf_add(out, name, 1);
	}
}

void depfile_write(
	const char *target, const struct strv *files, struct buf *out)
{
	size_t i;

	add_name(target, out);
	buf_adds(out, ":");
	for (i = 0; i < files->n; i++) {
		buf_adds(out, " \\\n ");
		add_name(files->v[i], out);
	}
	buf_adds(out, "\n");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* YAML 1.2 in block style, a line at a time. */
#include "deploy/yaml.h"

#include <inttypes.h>

static void indent(struct yaml *y)
{
	unsigned n = y->depth - (y->dash ? 1 : 0);

	for (unsigned i = 0; i < n; i++)
		buf_adds(y->out, "  ");
	if (y->dash)
		buf_adds(y->out, "- ");
	y->dash = 0;
}

/* JSON's escapes, and DEL and the like, which YAML does not print. */
static void quote(struct yaml *y, const char *s)
{
	buf_adds(y->out, "\"");
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			buf_addf(y->out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			buf_addf(y->out, "\\u%04x", c);
		else
			buf_add(y->out, s, 1);
	}
	buf_adds(y->out, "\"");
}

void yaml_open(struct yaml *y, const char *key)
{
	indent(y);
	buf_addf(y->out, "%s:\n", key);
	y->depth++;
}

void yaml_item(struct yaml *y)
{
	y->dash = 1;
	y->depth++;
}

void yaml_close(struct yaml *y)
{
	y->depth--;
}

void yaml_string(struct yaml *y, const char *key, const char *value)
{
	indent(y);
	buf_addf(y->out, "%s: ", key);
	quote(y, value);
	buf_adds(y->out, "\n");
}

void yaml_number(struct yaml *y, const char *key, uint64_t value)
{
	indent(y);
	buf_addf(y->out, "%s: %" PRIu64 "\n", key, value);
}

void yaml_plain(struct yaml *y, const char *key, const char *value)
{
	indent(y);
	buf_addf(y->out, "%s: %s\n", key, value);
}

void yaml_item_string(struct yaml *y, const char *value)
{
	yaml_item(y);
	indent(y);
	quote(y, value);
	buf_adds(y->out, "\n");
	yaml_close(y);
}

void yaml_list(struct yaml *y, const char *key, const struct strv *v)
{
	indent(y);
	buf_addf(y->out, "%s: [", key);
	for (size_t i = 0; i < v->n; i++) {
		buf_adds(y->out, i ? ", " : "");
		quote(y, v->v[i]);
	}
	buf_adds(y->out, "]\n");
}

void yaml_comment(struct yaml *y, const char *text)
{
	indent(y);
	buf_addf(y->out, "# %s\n", text);
}

void yaml_document(struct yaml *y)
{
	buf_adds(y->out, "---\n");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What TARGET-cc leaves in a program that it linked. */
#include "toolchain/note.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"
#include "toolchain/elf.h"
#include "toolchain/objfile.h"

enum { MAX_OBJECT = 1 << 30 };

static void json_free_p(json_t **j)
{
	json_decref(*j);
}
#define _json_ __attribute__((cleanup(json_free_p)))

void note_free(struct note *n)
{
	size_t i;

	free(n->target);
	free(n->cwd);
	strv_free(&n->args);
	strv_free(&n->objects);
	for (i = 0; i < n->ninputs; i++)
		free(n->inputs[i].path);
	free(n->inputs);
	*n = (struct note){0};
}

/* A path need not be UTF-8, JSON text must: bytes become characters. */
static json_t *from_bytes(const char *s)
{
	_buf_ struct buf b = {0};
	json_t *j = json_string(s);

	if (j)
		return j;
	buf_add(&b, "\x01", 1); /* what follows is Latin-1 */
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		char two[2] = {(char)(0xc0 | c >> 6), (char)(0x80 | (c & 63))};

		if (c < 0x80)
			buf_add(&b, s, 1);
		else
			buf_add(&b, two, 2);
	}
	return json_string(b.data);
}

static char *to_bytes(const char *s)
{
	struct buf b = {0};

	if (s[0] != 1)
		return xstrdup(s);
	buf_adds(&b, "");
	for (s++; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c >= 0xc0 && s[1])
			c = (unsigned char)(c << 6 | (*++s & 63));
		buf_add(&b, &c, 1);
	}
	return b.data ? buf_steal(&b) : xstrdup("");
}

static json_t *strings_to_json(const struct strv *v)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < v->n; i++)
		json_array_append_new(array, from_bytes(v->v[i]));
	return array;
}

static json_t *to_json(const struct note *n)
{
	json_t *inputs = json_array();
	size_t i;

	for (i = 0; i < n->ninputs; i++)
		json_array_append_new(
			inputs, json_pack("{s:o, s:I, s:s}", "path",
					from_bytes(n->inputs[i].path), "size",
					(json_int_t)n->inputs[i].size, "sha256",
					n->inputs[i].sha256.s));
	return json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:b}", "version", 1,
		"target", n->target, "cwd", from_bytes(n->cwd), "args",
		strings_to_json(&n->args), "objects",
		strings_to_json(&n->objects), "inputs", inputs, "lto", n->lto);
}

static void add_note(struct buf *b, uint32_t type, const char *data, size_t len)
{
	buf_add_le(b, sizeof(NOTE_NAME), 4);
	buf_add_le(b, len, 4);
	buf_add_le(b, type, 4);
	buf_add(b, NOTE_NAME, sizeof(NOTE_NAME));
	buf_add_zero(b, -sizeof(NOTE_NAME) & 3);
	buf_add(b, data, len);
	buf_add_zero(b, -len & 3);
}

int note_write(const struct note *n, const struct strv *objects,
	const char *path, struct err *e)
{
	_json_ json_t *j = to_json(n);
	_free_ char *text = j ? json_dumps(j, JSON_COMPACT) : NULL;
	_buf_ struct buf notes = {0};
	struct objfile_section s = {NOTE_SECTION, SHT_NOTE, 0, 4, NULL, 0};
	size_t i;
	int r;

	if (!text)
		return err_set(e, -EINVAL, "cannot write the link down");
	add_note(&notes, NOTE_LINK, text, strlen(text));
	for (i = 0; i < objects->n; i++) {
		_buf_ struct buf bytes = {0};

		r = file_read(objects->v[i], MAX_OBJECT, &bytes, e);
		if (r < 0)
			return r;
		add_note(&notes, NOTE_OBJECT + (uint32_t)i, bytes.data,
			bytes.len);
	}
	s.data = notes.data;
	s.len = notes.len;
	return objfile_write(path, &s, 1, e);
}

const void *note_object(const struct elf *f, size_t n, size_t *len)
{
	return elf_find_note(
		f, NOTE_SECTION, NOTE_NAME, NOTE_OBJECT + (uint32_t)n, len);
}

static int get_strings(const json_t *array, struct strv *out)
{
	const json_t *j;
	size_t i;

	json_array_foreach(array, i, j)
	{
		if (!json_is_string(j))
			return -EINVAL;
		strv_take(out, to_bytes(json_string_value(j)));
	}
	return 0;
}

static int get_inputs(const json_t *array, struct note *n)
{
	const json_t *j;
	size_t i;

	n->inputs = xcalloc(json_array_size(array) + 1, sizeof(*n->inputs));
	json_array_foreach(array, i, j)
	{
		struct note_input *in = &n->inputs[i];
		const char *path, *sha;
		json_int_t size;

		if (json_unpack((json_t *)(uintptr_t)j, "{s:s, s:I, s:s}",
			    "path", &path, "size", &size, "sha256", &sha) < 0 ||
			strlen(sha) != sizeof(in->sha256.s) - 1)
			return -EINVAL;
		in->path = to_bytes(path);
		in->size = (uint64_t)size;
		memcpy(in->sha256.s, sha, sizeof(in->sha256.s));
		n->ninputs++;
	}
	return 0;
}

int note_parse(const char *text, size_t len, struct note *out, struct err *e)
{
	_json_ json_t *j = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	_note_ struct note n = {0};
	const char *target, *cwd;
	json_t *args, *objects, *inputs;
	int version;

	if (!j || json_unpack(j, "{s:i, s:s, s:s, s:o, s:o, s:o, s:b}",
			  "version", &version, "target", &target, "cwd", &cwd,
			  "args", &args, "objects", &objects, "inputs", &inputs,
			  "lto", &n.lto) < 0)
		return err_set(e, -EINVAL, "the note of the link is broken");
	if (version != 1)
		return err_set(e, -EINVAL,
			"the note of the link has version %d, not 1", version);
	n.target = xstrdup(target);
	n.cwd = to_bytes(cwd);
	if (!json_is_array(args) || !json_is_array(objects) ||
		!json_is_array(inputs) || get_strings(args, &n.args) < 0 ||
		get_strings(objects, &n.objects) < 0 ||
		get_inputs(inputs, &n) < 0)
		return err_set(e, -EINVAL, "the note of the link is broken");
	*out = n;
	n = (struct note){0};
	return 0;
}

int note_read(
	const struct elf *f, const char *path, struct note *out, struct err *e)
{
	size_t len;
	const char *text =
		elf_find_note(f, NOTE_SECTION, NOTE_NAME, NOTE_LINK, &len);

	if (!text)
		return err_set(e, -ENOENT,
			"%s: not linked by a slipway compiler, such as "
			"x86_64-keel-cc",
			path);
	if (note_parse(text, len, out, e) < 0)
		return err_wrap(e, "%s", path);
	return 0;
}

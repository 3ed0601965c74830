/* SPDX-License-Identifier: Apache-2.0 */
/* A parsed JSON document whose values have places. */
#include "manifest/doc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/near.h"
#include "manifest/scan.h"

static void add_once(
	const struct doc *d, size_t off, const char *check, const char *text)
{
	struct scan_pos pos = scan_pos(d->text, d->len, off);
	const struct diag *g;
	size_t i;

	for (i = 0; i < d->diags->n; i++) {
		g = &d->diags->v[i];
		if (g->line == pos.line && g->col == pos.col &&
			!strcmp(g->file, d->file) && !strcmp(g->msg, text))
			return;
	}
	diag_add(d->diags, d->file, pos.line, pos.col, check, "%s", text);
}

static void __attribute__((format(printf, 4, 5))) error_at(const struct doc *d,
	size_t off, const char *check, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add_once(d, off, check, text);
}

static void on_duplicate(void *arg, const char *key, size_t off, size_t first)
{
	const struct doc *d = arg;
	_free_ char *quoted = doc_quote(key);

	error_at(d, off, "duplicate-key",
		"key %s is there twice, first on "
		"line %u",
		quoted, scan_pos(d->text, d->len, first).line);
}

/* A word that is no number, true, false or null. */
static int is_bad_word(const struct doc *d, const struct scan_token *t)
{
	json_t *v;

	if (strchr("{}[],:\"", d->text[t->start]))
		return 0;
	v = json_loadb(
		d->text + t->start, t->end - t->start, JSON_DECODE_ANY, NULL);
	json_decref(v);
	return !v;
}

/* In the reader's words what jansson found at a token. */
static const char *syntax_text(
	const struct doc *d, const struct scan_token *t, const char *found)
{
	static const struct {
		const char *found, *text;
	} known[] = {
		{"'[' or '{'", "a manifest is an object: { ... }"},
		{"string or '}'", "a key in double quotes must come here"},
		{"':' expected", "a colon must come before this"},
		{"'}' expected", "a comma or the closing bracket must come "
				 "before this"},
		{"']' expected", "a comma or the closing bracket must come "
				 "before this"},
		{"unexpected newline", "this string is not closed on its line"},
		{"control character",
			"this string contains a control character"},
		{"invalid escape",
			"this string contains an escape that JSON lacks"},
		{"invalid Unicode",
			"this string contains an escape that JSON lacks"},
	};
	char first = t->start < d->len ? d->text[t->start] : 0;
	char before = t->before_start < t->start ? d->text[t->before_start] : 0;
	size_t i;

	if (t->start >= d->len)
		return "the text ends too early";
	if (first == '/' || first == '#')
		return "JSON has no comments";
	if (first == '\'')
		return "strings are written in double quotes";
	if (before == ',' && (first == '}' || first == ']'))
		return "no comma may stand before the closing bracket";
	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		/* A key or colon is missed before any word. */
		if (i == 3 && is_bad_word(d, t))
			break;
		if (!strncmp(found, known[i].found, strlen(known[i].found)))
			return known[i].text;
	}
	return first == '"' ? "this string is not closed" : "this is not JSON";
}

/* The positions of jansson are ends of tokens; a reader wants starts. */
static void explain_syntax(const struct doc *d, const json_error_t *je)
{
	struct scan_token t = scan_token(d->text, d->len, (size_t)je->position);
	size_t off = t.start;

	if (off >= d->len)
		off = scan_trim(d->text, off);
	error_at(d, off, "json-syntax", "%s", syntax_text(d, &t, je->text));
}

static void explain(const struct doc *d, const json_error_t *je)
{
	size_t off = scan_utf8(d->text, d->len);
	struct scan_token t;

	t = scan_token(d->text, d->len, (size_t)je->position);
	if (off < d->len) {
		error_at(d, off, "utf8", "byte 0x%02x is not UTF-8",
			(unsigned char)d->text[off]);
		return;
	}
	switch (json_error_code(je)) {
	case json_error_null_character:
	case json_error_null_byte_in_key:
		error_at(d, t.start, "nul",
			"\\u0000 cannot be part of a string");
		break;
	case json_error_numeric_overflow:
		error_at(
			d, t.start, "number-range", "this number is too large");
		break;
	case json_error_stack_overflow:
		error_at(d, t.start, "json-depth", "nested too deeply");
		break;
	case json_error_end_of_input_expected:
		error_at(d, t.start, "json-syntax",
			"nothing may follow the manifest's closing brace");
		break;
	default:
		explain_syntax(d, je);
	}
}

int doc_parse(struct doc *d, const char *file, const char *text, size_t len,
	struct diags *diags)
{
	json_error_t je;
	int duplicates = 0;

	*d = (struct doc){.file = file, .len = len, .diags = diags};
	d->text = xmalloc(len + 1);
	memcpy(d->text, text, len);
	d->text[len] = 0;
	if (d->len > MANIFEST_MAX) {
		error_at(d, 0, "manifest-size",
			"a manifest has at most %d bytes", MANIFEST_MAX);
		return -EINVAL;
	}
	if (strspn(d->text, " \t\r\n") == d->len) {
		error_at(d, 0, "json-syntax", "the manifest is empty");
		return -EINVAL;
	}
	d->root = json_loadb(d->text, d->len, JSON_REJECT_DUPLICATES, &je);
	if (!d->root && json_error_code(&je) == json_error_duplicate_key) {
		duplicates = 1;
		d->root = json_loadb(d->text, d->len, 0, &je);
	}
	if (!d->root) {
		explain(d, &je);
		return -EINVAL;
	}
	if (duplicates)
		scan_duplicates(d->text, d->len, on_duplicate, d);
	if (!json_is_object(d->root)) {
		error_at(d, 0, "type", "a manifest is an object: { ... }");
		return -EINVAL;
	}
	return 0;
}

void doc_free(struct doc *d)
{
	json_decref(d->root);
	d->root = NULL;
	free(d->text);
	d->text = NULL;
}

/* The place as a JSON pointer, and in the form for messages. */
static void add_place(
	const struct place *at, struct buf *pointer, struct buf *shown)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-$/=+:";
	const char *c;

	if (!at)
		return;
	add_place(at->up, pointer, shown);
	buf_adds(pointer, "/");
	if (!at->key) {
		buf_addf(pointer, "%zu", at->index);
		buf_addf(shown, "[%zu]", at->index);
		return;
	}
	for (c = at->key; *c; c++) {
		if (*c == '~' || *c == '/')
			buf_adds(pointer, *c == '~' ? "~0" : "~1");
		else
			buf_add(pointer, c, 1);
	}
	if (!*at->key || at->key[strspn(at->key, plain)]) {
		_free_ char *quoted = doc_quote(at->key);

		buf_addf(shown, "[%s]", quoted);
	} else {
		buf_addf(shown, "%s%.40s", shown->len ? "." : "", at->key);
	}
}

static void error_place(const struct doc *d, const struct place *at,
	enum scan_what what, const char *check, const char *text)
{
	_buf_ struct buf pointer = {0};
	_buf_ struct buf shown = {0};
	_free_ char *line = NULL;
	size_t off = 0;

	if (d->diags->n == DIAG_MAX) {
		d->diags->nerrors++;
		return;
	}
	add_place(at, &pointer, &shown);
	if (at)
		off = scan_find(d->text, d->len, pointer.data, what);
	else
		off = scan_find(d->text, d->len, "", what);
	line = shown.len ? xasprintf("%s: %s", shown.data, text)
			 : xstrdup(text);
	add_once(d, off, check, line);
}

void doc_error(const struct doc *d, const struct place *at, const char *check,
	const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	error_place(d, at, SCAN_VALUE, check, text);
}

void doc_error_key(const struct doc *d, const struct place *at,
	const char *check, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	error_place(d, at, SCAN_KEY, check, text);
}

void doc_where(const struct doc *d, const struct place *at, unsigned *line,
	unsigned *col)
{
	_buf_ struct buf pointer = {0};
	_buf_ struct buf shown = {0};
	struct scan_pos pos;

	add_place(at, &pointer, &shown);
	pos = scan_pos(d->text, d->len,
		scan_find(d->text, d->len, pointer.len ? pointer.data : "",
			SCAN_VALUE));
	*line = pos.line;
	*col = pos.col;
}

char *doc_quote(const char *s)
{
	enum { SHOWN = 60 };
	struct buf b = {0};
	size_t i;

	buf_adds(&b, "\"");
	for (i = 0; s[i]; i++) {
		/* Cut between characters, not inside one. */
		if (i >= SHOWN && ((unsigned char)s[i] & 0xc0) != 0x80)
			break;
		if (s[i] == '\n')
			buf_adds(&b, "\\n");
		else if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			buf_addf(&b, "\\u%04x", (unsigned)s[i]);
		else if (s[i] == '"' || s[i] == '\\')
			buf_addf(&b, "\\%c", s[i]);
		else
			buf_add(&b, s + i, 1);
	}
	buf_adds(&b, s[i] ? "...\"" : "\"");
	return buf_steal(&b);
}

const char *doc_kind(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
		return "a number";
	case JSON_REAL:
		return "a fraction";
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	default:
		return "null";
	}
}

void doc_check_keys(const struct doc *d, const struct place *at, json_t *v,
	const struct field *fields, size_t n)
{
	enum { MAX_FIELDS = 48 };
	const char *names[MAX_FIELDS];
	const char *key, *near;
	json_t *value;
	size_t i;

	for (i = 0; i < n && i < MAX_FIELDS; i++)
		names[i] = fields[i].name;
	json_object_foreach(v, key, value)
	{
		struct place here = {at, key, 0};

		for (i = 0; i < n; i++) {
			if (!strcmp(key, fields[i].name))
				break;
		}
		if (i < n)
			continue;
		near = near_find(key, names, n < MAX_FIELDS ? n : MAX_FIELDS);
		if (near)
			doc_error_key(d, &here, "unknown-key",
				"unknown key, did you mean \"%s\"?", near);
		else
			doc_error_key(d, &here, "unknown-key", "unknown key");
	}
}

int doc_read_object(const struct doc *d, const struct place *at, json_t *v,
	const struct field *fields, size_t n, void *base)
{
	json_t *value;
	size_t i;

	if (!json_is_object(v)) {
		doc_error(d, at, "type", "must be an object, not %s",
			doc_kind(v));
		return -EINVAL;
	}
	doc_check_keys(d, at, v, fields, n);
	for (i = 0; i < n; i++) {
		struct place here = {at, fields[i].name, 0};

		value = json_object_get(v, fields[i].name);
		if (value)
			fields[i].read(d, &here, value,
				(char *)base + fields[i].offset);
		else if (fields[i].required)
			doc_error(d, at, "missing-key", "key \"%s\" is missing",
				fields[i].name);
	}
	return 0;
}

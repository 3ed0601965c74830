/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a JSON text things are: jansson parses, this finds positions. */
#include "manifest/scan.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

struct cursor {
	const char *text;
	size_t len, at;
};

struct scan_pos scan_pos(const char *text, size_t len, size_t off)
{
	struct scan_pos pos = {1, 1};
	size_t i;

	for (i = 0; i < off && i < len; i++) {
		if (text[i] == '\n') {
			pos.line++;
			pos.col = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			pos.col++;
		}
	}
	return pos;
}

static int peek(const struct cursor *c)
{
	return c->at < c->len ? (unsigned char)c->text[c->at] : -1;
}

static int is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Characters that are a token by themselves. */
static int is_punctuation(char c)
{
	return c && strchr("{}[],:", c);
}

static void skip_space(struct cursor *c)
{
	while (c->at < c->len && is_space(c->text[c->at]))
		c->at++;
}

/* Over a string, a word (true, 1e3) or one punctuation character. */
static void skip_token(struct cursor *c)
{
	if (c->at >= c->len)
		return;
	if (c->text[c->at] == '"') {
		for (c->at++; c->at < c->len; c->at++) {
			if (c->text[c->at] == '\\')
				c->at++;
			else if (c->text[c->at] == '"' ||
				 c->text[c->at] == '\n')
				break;
		}
		c->at = c->at < c->len ? c->at + 1 : c->len;
		return;
	}
	if (is_punctuation(c->text[c->at])) {
		c->at++;
		return;
	}
	while (c->at < c->len && !is_space(c->text[c->at]) &&
		!is_punctuation(c->text[c->at]) && c->text[c->at] != '"')
		c->at++;
}

/* Over a whole value, however deep. */
static void skip_value(struct cursor *c)
{
	size_t depth = 0;
	int ch;

	do {
		skip_space(c);
		ch = peek(c);
		if (ch == '{' || ch == '[')
			depth++;
		else if ((ch == '}' || ch == ']') && depth)
			depth--;
		skip_token(c);
	} while (depth && c->at < c->len);
}

/* The string whose token begins here, as jansson reads it. */
static char *decode_string(const struct cursor *at)
{
	struct cursor c = *at;
	char *s = NULL;
	json_t *v;

	skip_token(&c);
	v = json_loadb(c.text + at->at, c.at - at->at, JSON_DECODE_ANY, NULL);
	if (json_is_string(v))
		s = xstrdup(json_string_value(v));
	json_decref(v);
	return s;
}

/* Steps over "key" and ':'; returns the key, or NULL at the end. */
static char *next_key(struct cursor *c, size_t *key_at)
{
	char *key;

	skip_space(c);
	if (peek(c) == ',') {
		skip_token(c);
		skip_space(c);
	}
	if (peek(c) != '"')
		return NULL;
	*key_at = c->at;
	key = decode_string(c);
	skip_token(c);
	skip_space(c);
	if (peek(c) == ':')
		skip_token(c);
	skip_space(c);
	return key;
}

/* Finds a member of the object (or list) at the cursor. */
static int find_member(
	struct cursor *c, const char *name, size_t *key_at, size_t *value_at)
{
	int is_list = peek(c) == '[';
	size_t index = 0, want = is_list ? strtoul(name, NULL, 10) : 0;
	int found = 0;
	size_t at = 0;

	if (!is_list && peek(c) != '{')
		return 0;
	skip_token(c);
	for (;; index++) {
		_free_ char *key = is_list ? NULL : next_key(c, &at);

		skip_space(c);
		if (is_list && peek(c) == ',') {
			skip_token(c);
			skip_space(c);
		}
		if (c->at >= c->len || peek(c) == ']' || (!is_list && !key))
			return found;
		if (is_list ? index == want : !strcmp(key, name)) {
			*key_at = is_list ? c->at : at;
			*value_at = c->at;
			found = 1;
		}
		skip_value(c);
	}
}

/* One part of a JSON pointer with ~0 and ~1 undone. */
static char *pointer_part(const char **p)
{
	char *part = xstrdup(*p), *to = part;
	const char *from = *p;

	for (; *from && *from != '/'; from++) {
		if (*from == '~' && (from[1] == '0' || from[1] == '1')) {
			from++;
			*to++ = *from == '0' ? '~' : '/';
		} else {
			*to++ = *from;
		}
	}
	*to = 0;
	*p = from;
	return part;
}

size_t scan_find(
	const char *text, size_t len, const char *pointer, enum scan_what what)
{
	struct cursor c = {text, len, 0};
	size_t key_at, value_at;

	skip_space(&c);
	key_at = value_at = c.at;
	while (*pointer == '/') {
		_free_ char *part = NULL;

		pointer++;
		part = pointer_part(&pointer);
		c.at = value_at;
		if (!find_member(&c, part, &key_at, &value_at))
			break;
	}
	return what == SCAN_KEY ? key_at : value_at;
}

size_t scan_trim(const char *text, size_t off)
{
	while (off && is_space(text[off - 1]))
		off--;
	return off;
}

struct scan_token scan_token(const char *text, size_t len, size_t off)
{
	struct cursor c = {text, len, 0};
	struct scan_token t = {0, 0, 0};
	size_t before = 0;
	int first = 1;

	for (;;) {
		skip_space(&c);
		t.start = c.at;
		t.before_start = first ? t.start : before;
		skip_token(&c);
		t.end = c.at;
		if (t.start >= len || t.end >= off)
			return t;
		before = t.start;
		first = 0;
	}
}

/* The length of the UTF-8 character at s, 0 if it is not one. */
static size_t utf8_char(const unsigned char *s, size_t n)
{
	unsigned long c;
	size_t len, i;

	if (s[0] < 0x80)
		return 1;
	len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4 || len > n)
		return 0;
	c = s[0] & (0x7fU >> len);
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if ((len == 3 && c < 0x800) || (len == 4 && c < 0x10000) ||
		c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return len;
}

size_t scan_utf8(const char *text, size_t len)
{
	size_t at = 0, n;

	while (at < len) {
		n = utf8_char((const unsigned char *)text + at, len - at);
		if (!n)
			return at;
		at += n;
	}
	return len;
}

struct dup_scan {
	struct cursor c;
	scan_dup_fn *fn;
	void *arg;
};

/* jansson refused what is nested deeper than 2048, so this ends. */
static void duplicates_in(struct dup_scan *s)
{
	int open = peek(&s->c);
	json_t *seen, *first;
	size_t at = 0;

	if (open != '{' && open != '[') {
		skip_token(&s->c);
		return;
	}
	seen = json_object();
	skip_token(&s->c);
	for (;;) {
		_free_ char *key = NULL;

		if (open == '{') {
			key = next_key(&s->c, &at);
			if (!key)
				break;
			first = json_object_get(seen, key);
			if (first)
				s->fn(s->arg, key, at,
					(size_t)json_integer_value(first));
			else
				json_object_set_new(seen, key,
					json_integer((json_int_t)at));
		}
		skip_space(&s->c);
		if (peek(&s->c) == ',') {
			skip_token(&s->c);
			skip_space(&s->c);
		}
		if (s->c.at >= s->c.len || peek(&s->c) == ']')
			break;
		duplicates_in(s);
	}
	json_decref(seen);
	skip_space(&s->c);
	skip_token(&s->c); /* the closing brace */
}

void scan_duplicates(const char *text, size_t len, scan_dup_fn *fn, void *arg)
{
	struct dup_scan s = {{text, len, 0}, fn, arg};

	skip_space(&s.c);
	duplicates_in(&s);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of single values: type and syntax, one function a kind. */
#include "manifest/value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/size.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGIT "0123456789"

int value_is_string(const struct doc *d, const struct place *at, json_t *v)
{
	if (json_is_string(v))
		return 0;
	doc_error(d, at, "type", "must be a string, not %s", doc_kind(v));
	return -1;
}

int value_is_list(const struct doc *d, const struct place *at, json_t *v)
{
	if (!json_is_array(v)) {
		doc_error(d, at, "type", "must be a list, not %s", doc_kind(v));
		return -1;
	}
	if (json_array_size(v) > VALUE_LIST_MAX) {
		doc_error(d, at, "list-length", "a list has at most %d entries",
			VALUE_LIST_MAX);
		return -1;
	}
	return 0;
}

int value_number(const struct doc *d, const struct place *at, json_t *v,
	json_int_t min, json_int_t max, json_int_t *to)
{
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v)) {
		doc_error(d, at, "type", "must be a whole number, not %s",
			doc_kind(v));
		return -1;
	}
	if (n < min || n > max) {
		doc_error(d, at, "number-range",
			"%" JSON_INTEGER_FORMAT
			" is not from %" JSON_INTEGER_FORMAT
			" to %" JSON_INTEGER_FORMAT,
			n, min, max);
		return -1;
	}
	*to = n;
	return 0;
}

int value_is_word(const struct doc *d, const struct place *at, const char *s,
	const char *check, const char *const *words, size_t n)
{
	_free_ char *quoted = doc_quote(s);
	const char *near;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!strcmp(s, words[i]))
			return 0;
	}
	near = near_find(s, words, n);
	if (near)
		doc_error(d, at, check,
			"%s is not known, did you mean "
			"\"%s\"?",
			quoted, near);
	else
		doc_error(d, at, check, "%s is not known", quoted);
	return -1;
}

/* Replaces what an earlier reading left (an override of a target). */
static void store(char **to, const char *s)
{
	free(*to);
	*to = xstrdup(s);
}

void value_text(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	if (value_is_string(d, at, v) == 0)
		store(to, json_string_value(v));
}

static int has_control(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return 1;
	}
	return 0;
}

/* What nearly all strings of a manifest have to be. */
static int is_plain(const struct doc *d, const struct place *at, json_t *v)
{
	const char *s = json_string_value(v);

	if (value_is_string(d, at, v) < 0)
		return 0;
	if (!*s) {
		doc_error(d, at, "empty", "must not be empty");
		return 0;
	}
	if (has_control(s)) {
		doc_error(d, at, "control-character",
			"must not contain control characters");
		return 0;
	}
	return 1;
}

void value_string(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	if (is_plain(d, at, v))
		store(to, json_string_value(v));
}

void *value_array(const struct doc *d, const struct place *at, json_t *v,
	value_fn *one, size_t size, size_t *n)
{
	json_t *item;
	char *items;
	size_t i;

	if (value_is_list(d, at, v) < 0)
		return NULL;
	*n = json_array_size(v);
	items = xcalloc(*n, size);
	json_array_foreach(v, i, item)
	{
		struct place here = {at, NULL, i};

		one(d, &here, item, items + i * size);
	}
	return items;
}

void value_list(const struct doc *d, const struct place *at, json_t *v,
	value_fn *one, struct strv *to)
{
	size_t i, n = 0;
	_free_ char **items = value_array(d, at, v, one, sizeof(*items), &n);

	if (!items)
		return;
	strv_free(to);
	/* Keeps the indices: later checks name elements by them. */
	for (i = 0; i < n; i++)
		strv_take(to, items[i] ? items[i] : xstrdup(""));
}

void value_texts(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	value_list(d, at, v, value_text, to);
}

void value_strings(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	value_list(d, at, v, value_string, to);
}

/* Names become parts of image names, so they follow Docker's rule. */
int value_is_name(const char *s)
{
	size_t i;

	if (!*s || strlen(s) > 64 || strspn(s, LOWER DIGIT "._-") != strlen(s))
		return 0;
	for (i = 0; s[i]; i++) {
		if (strchr("._-", s[i]) &&
			(i == 0 || !s[i + 1] || strchr("._-", s[i + 1])))
			return 0;
	}
	return 1;
}

void value_name(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	const char *s = json_string_value(v);
	_free_ char *quoted = NULL;

	if (!is_plain(d, at, v))
		return;
	if (strlen(s) > 64) {
		doc_error(d, at, "name-length",
			"a name has at most 64 characters");
		return;
	}
	if (!value_is_name(s)) {
		quoted = doc_quote(s);
		doc_error(d, at, "name-syntax",
			"%s is not a name: a-z and 0-9, and single . _ - "
			"between them",
			quoted);
		return;
	}
	store(to, s);
}

void value_names(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	value_list(d, at, v, value_name, to);
}

void value_size(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	const char *s = json_string_value(v);
	_free_ char *quoted = NULL;
	uint64_t bytes;
	int r;

	if (json_is_integer(v)) {
		doc_error(d, at, "type",
			"must be a string with a unit: \"%" JSON_INTEGER_FORMAT
			"M\"",
			json_integer_value(v));
		return;
	}
	if (value_is_string(d, at, v) < 0)
		return;
	quoted = doc_quote(s);
	r = size_parse(s, &bytes);
	if (r == -EINVAL)
		doc_error(d, at, "size-syntax",
			"%s is not a size: a number and K, M or G", quoted);
	else if (r < 0)
		doc_error(d, at, "size-range", "%s is not from 1K to 1024G",
			quoted);
	else
		memcpy(to, &bytes, sizeof(bytes));
}

char *value_normal_path(const char *path)
{
	_strv_ struct strv parts = {0};
	struct buf b = {0};
	size_t i, len;

	for (; *path; path += len) {
		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len == 0 || (len == 1 && path[0] == '.'))
			continue;
		if (len == 2 && !strncmp(path, "..", 2)) {
			if (!parts.n)
				return NULL;
			free(parts.v[--parts.n]);
			parts.v[parts.n] = NULL;
			continue;
		}
		strv_take(&parts, xstrndup(path, len));
	}
	for (i = 0; i < parts.n; i++)
		buf_addf(&b, "%s%s", i ? "/" : "", parts.v[i]);
	if (!parts.n)
		buf_adds(&b, ".");
	return buf_steal(&b);
}

/* Why an absolute path is not in its one normal form; NULL if it is. */
static const char *guest_path_fault(const char *s)
{
	size_t len;

	if (*s != '/')
		return "must begin with a slash";
	if (strlen(s) > 4095)
		return "is longer than 4095 bytes";
	if (!s[1])
		return NULL;
	if (s[strlen(s) - 1] == '/')
		return "must not end in a slash";
	while (*s) {
		s++;
		len = strcspn(s, "/");
		if (len == 0)
			return "has two slashes in a row";
		if (!strncmp(s, "..", len) && len <= 2)
			return "must not contain . or ..";
		if (len > 255)
			return "has a part longer than 255 bytes";
		s += len;
	}
	return NULL;
}

void value_guest_path(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	const char *s = json_string_value(v);
	_free_ char *quoted = NULL;
	const char *fault;

	if (!is_plain(d, at, v))
		return;
	fault = guest_path_fault(s);
	if (fault) {
		quoted = doc_quote(s);
		doc_error(d, at, "path-syntax", "%s %s", quoted, fault);
		return;
	}
	store(to, s);
}

void value_guest_paths(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	value_list(d, at, v, value_guest_path, to);
}

void value_cpus(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	enum { MAX_CPUS = 64 };
	json_int_t n;

	if (value_number(d, at, v, 1, MAX_CPUS, &n) == 0)
		*(unsigned *)to = (unsigned)n;
}

void value_mode(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	const char *s = json_string_value(v);
	_free_ char *quoted = NULL;
	unsigned long mode;

	if (json_is_integer(v)) {
		doc_error(d, at, "type",
			"must be a string of octal digits, such as \"0644\"");
		return;
	}
	if (value_is_string(d, at, v) < 0)
		return;
	quoted = doc_quote(s);
	if (strspn(s, "01234567") != strlen(s) || strlen(s) < 3 ||
		strlen(s) > 4) {
		doc_error(d, at, "mode-syntax",
			"%s is not a mode: three or four octal digits", quoted);
		return;
	}
	mode = strtoul(s, NULL, 8);
	if (mode & 06000) {
		doc_error(d, at, "mode-bits",
			"%s: set-user-id and set-group-id mean nothing here",
			quoted);
		return;
	}
	memcpy(to, &(int){(int)mode}, sizeof(int));
}

void value_true(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	if (json_is_true(v))
		memcpy(to, &(int){1}, sizeof(int));
	else if (json_is_false(v))
		doc_error(
			d, at, "value", "can only be true; else leave it out");
	else
		doc_error(d, at, "type", "must be true, not %s", doc_kind(v));
}

void value_ignored(
	const struct doc *d, const struct place *at, json_t *v, void *to)
{
	(void)to;
	value_is_string(d, at, v);
}

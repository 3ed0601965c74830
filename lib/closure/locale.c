/* SPDX-License-Identifier: Apache-2.0 */
/* Locales of glibc: a folder of its own each, or one archive of all. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "closure/collect.h"
#include "closure/root.h"
#include "core/file.h"
#include "core/mem.h"

#define FOLDER  "/usr/lib/locale"
#define ARCHIVE FOLDER "/locale-archive"

enum {
	ARCHIVE_MAX = 1 << 30,
	/* The archive's header: words of 32 bits (glibc, locale/locarchive.h).
	 */
	ARCHIVE_MAGIC = 0xde020109,
	AT_STRINGS = 5,
	AT_STRINGS_USED = 6,
	HEADER_WORDS = 8
};

/* "de_DE.UTF-8@euro" as it is stored: de_DE.utf8@euro. */
static char *stored_name(const char *name)
{
	size_t n = strcspn(name, ".");
	_buf_ struct buf out = {0};

	buf_add(&out, name, n);
	for (; name[n] && name[n] != '@'; n++) {
		char lower = (char)tolower((unsigned char)name[n]);

		if (name[n] == '.' || isalnum((unsigned char)name[n]))
			buf_add(&out, &lower, 1);
	}
	buf_adds(&out, name + n);
	return buf_steal(&out);
}

static uint32_t word(const struct buf *data, size_t i)
{
	uint32_t v;

	memcpy(&v, data->data + i * sizeof(v), sizeof(v));
	return v;
}

/* Is it one of the names in the archive? */
static int in_archive(const struct buf *data, const char *name)
{
	_free_ char *wanted = xasprintf("_%s", name);
	size_t n = strlen(name) + 1;
	uint32_t at, len;
	const char *found;

	if (data->len < HEADER_WORDS * sizeof(at) ||
		word(data, 0) != ARCHIVE_MAGIC)
		return 0;
	at = word(data, AT_STRINGS);
	len = word(data, AT_STRINGS_USED);
	if (at > data->len || len > data->len - at)
		return 0;
	/* A name begins the table, or follows the 0 of another. */
	wanted[0] = 0;
	found = memmem(data->data + at, len, wanted, n + 1);
	return found || (len >= n && !memcmp(data->data + at, name, n));
}

static int add_archive(
	struct closure *c, const char *name, const char *reason, struct err *e)
{
	_free_ char *real = NULL;
	_free_ char *host = NULL;
	_buf_ struct buf data = {0};
	struct err ignored;
	struct stat st;
	int r;

	if (root_follow(c->spec.root, ARCHIVE, NULL, NULL, &real, &st,
		    &ignored) < 0 ||
		!S_ISREG(st.st_mode))
		return -ENOENT;
	host = root_host(c->spec.root, real);
	r = file_read(host, ARCHIVE_MAX, &data, e);
	if (r < 0)
		return r;
	return in_archive(&data, name)
		       ? collect_path(c, ARCHIVE, reason, NULL, e)
		       : -ENOENT;
}

int closure_add_locale(struct closure *c, const char *name, struct err *e)
{
	_free_ char *stored = stored_name(name);
	_free_ char *reason = xasprintf("locale: %s", name);
	const char *const names[] = {name, stored};
	int r = -ENOENT;

	/* The C library has these without a file, or brings them. */
	if (!strcmp(name, "C") || !strcmp(name, "POSIX"))
		return 0;
	for (size_t i = 0; r == -ENOENT && i < 2; i++) {
		_free_ char *path = xasprintf(FOLDER "/%s", names[i]);

		r = collect_path(c, path, reason, NULL, e);
	}
	if (r == -ENOENT)
		r = add_archive(c, stored, reason, e);
	/* Other character sets are modules. */
	if (r == 0 && strchr(stored, '.') && !strstr(stored, ".utf8") &&
		!c->used[USE_ICONV])
		c->used[USE_ICONV] = xasprintf("the locale %s", name);
	if (r != -ENOENT)
		return r;
	if (!strcmp(stored, "C.utf8"))
		return 0;
	collect_miss(c, "locale", name, 0,
		"the locale %s is not in %s (" FOLDER
		"); the package locales-all has it",
		name, c->spec.what);
	return 0;
}

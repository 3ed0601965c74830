/* SPDX-License-Identifier: Apache-2.0 */
/* Package URLs: the names by which tools find a package again. */
#include "sbom/purl.h"

#include <ctype.h>
#include <string.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/mem.h"

enum { RELEASE_MAX = 65536 };

/* One value of a file as of os-release(5); NULL: it has none. Caller frees. */
static char *value_of(const char *path, const char *key)
{
	_buf_ struct buf text = {0};
	struct err ignored;
	size_t n = strlen(key);
	char *save, *line;

	if (file_read(path, RELEASE_MAX, &text, &ignored) < 0 || !text.data)
		return NULL;
	for (line = strtok_r(text.data, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save)) {
		char *v = line + n + 1, quote;

		if (strncmp(line, key, n) != 0 || line[n] != '=')
			continue;
		quote = *v == '"' || *v == '\'' ? *v : 0;
		v += quote != 0;
		return xstrndup(v, quote ? strcspn(v, "\"'") : strlen(v));
	}
	return NULL;
}

/* One of this machine's, or `other`; caller frees. */
static char *release_value(const char *key, const char *other)
{
	char *v = value_of("/etc/os-release", key);

	return v ? v : xstrdup(other);
}

char *purl_release_id(const char *path)
{
	return value_of(path, "ID");
}

/* Percent encoding; of what versions have, ':' and '~' stay. */
static void add_encoded(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (isalnum((unsigned char)*s) || strchr(".-_~:", *s))
			buf_add(b, s, 1);
		else
			buf_addf(b, "%%%02X", (unsigned char)*s);
	}
}

char *purl_deb(const char *name, const char *version, const char *arch)
{
	_free_ char *id = release_value("ID", "debian");

	return purl_deb_of(id, name, version, arch);
}

char *purl_deb_of(
	const char *id, const char *name, const char *version, const char *arch)
{
	_buf_ struct buf out = {0};

	buf_adds(&out, "pkg:deb/");
	add_encoded(&out, id);
	buf_adds(&out, "/");
	add_encoded(&out, name);
	if (version) {
		buf_adds(&out, "@");
		add_encoded(&out, version);
	}
	if (arch) {
		buf_adds(&out, "?arch=");
		add_encoded(&out, arch);
	}
	return buf_steal(&out);
}

char *purl_distribution(void)
{
	return release_value("NAME", "Debian");
}

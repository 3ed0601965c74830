/* SPDX-License-Identifier: Apache-2.0 */
/* The weak references of the members of an archive. */
#include "toolchain/weakrefs.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "toolchain/elf.h"

enum { BLOCK = 1 << 18, MEMBER_MAX = 64 << 20 };

static void add_member(
	struct strv *list, const char *member, const void *data, size_t len)
{
	struct elf_symbols it = {0};
	struct elf f = {0};
	struct err ignored;
	const char *name;
	Elf64_Sym sym;

	if (elf_init(&f, data, len, member, &ignored) < 0)
		return;
	while (elf_next_symbol(&f, &it, &sym, &name))
		if (sym.st_shndx == SHN_UNDEF &&
			ELF64_ST_BIND(sym.st_info) == STB_WEAK)
			strv_addf(list, "%s:%s", member, name);
}

static int read_members(struct strv *list, struct archive *a)
{
	struct archive_entry *ae;
	int r;

	while ((r = archive_read_next_header(a, &ae)) == ARCHIVE_OK) {
		int64_t size = archive_entry_size(ae);
		_free_ void *data = NULL;

		if (size <= 0 || size > MEMBER_MAX)
			continue;
		data = xmalloc((size_t)size);
		if (archive_read_data(a, data, (size_t)size) != size)
			return -1;
		add_member(
			list, archive_entry_pathname(ae), data, (size_t)size);
	}
	return r == ARCHIVE_EOF ? 0 : -1;
}

int weakrefs_add(struct strv *list, const char *archive, struct err *e)
{
	struct archive *a = archive_read_new();
	const char *why;
	int r = 0;

	archive_read_support_format_ar(a);
	archive_read_support_format_empty(a);
	if (archive_read_open_filename(a, archive, BLOCK) != ARCHIVE_OK ||
		read_members(list, a) < 0) {
		why = archive_error_string(a);
		r = err_set(e, -EINVAL, "%s: %s", archive,
			why ? why : "damaged archive");
	}
	archive_read_free(a);
	return r;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void weakrefs_sort(struct strv *list)
{
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), compare);
}

int weakrefs_has(const struct strv *list, const char *file, const char *name)
{
	const char *open = strrchr(file, '('), *end;
	_free_ char *key = NULL;

	end = open ? strchr(open, ')') : NULL;
	if (!end || !list->n)
		return 0;
	key = xasprintf("%.*s:%s", (int)(end - open - 1), open + 1, name);
	return bsearch(&key, list->v, list->n, sizeof(*list->v), compare) !=
	       NULL;
}

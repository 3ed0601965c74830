/* SPDX-License-Identifier: Apache-2.0 */
/* What an object was compiled from, told by the object itself. */
#include "toolchain/inputs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "toolchain/elf.h"

#define FIRST "object "

enum { SHA1 = 40, SHA256 = 64, SUMS = 1 + SHA1 + 1 + SHA256 };

char *inputs_line(const char *path, const struct sbom_sums *sums)
{
	return xasprintf("%s %s %s", path, sums->sha1, sums->sha256);
}

static int is_hex(const char *p, size_t n)
{
	return strspn(p, "0123456789abcdef") >= n;
}

char *inputs_path(const char *line, struct sbom_sums *sums)
{
	size_t n = strlen(line);
	const char *p = line + n - SUMS;

	if (n <= SUMS || p[0] != ' ' || p[1 + SHA1] != ' ' ||
		!is_hex(p + 1, SHA1) || !is_hex(p + 2 + SHA1, SHA256))
		return NULL;
	*sums = (struct sbom_sums){0};
	memcpy(sums->sha1, p + 1, SHA1);
	memcpy(sums->sha256, p + 2 + SHA1, SHA256);
	return xstrndup(line, n - SUMS);
}

/* --- into an object -------------------------------------------------------*/

/* A line for a file below the root; 0: it is elsewhere. */
static int list_file(struct buf *text, const char *root, const char *name)
{
	_free_ char *path = realpath(name, NULL);
	_free_ char *line = NULL;
	size_t n = strlen(root);
	struct sbom_sums sums;
	struct err ignored;

	if (!path || strncmp(path, root, n) != 0 || path[n] != '/' ||
		strchr(path, '\n') || sbom_sum_file(path, &sums, &ignored) < 0)
		return 0;
	line = inputs_line(path + n + 1, &sums);
	buf_addf(text, "%s\n", line);
	return 1;
}

/* An object whose tables can be made anew behind it. */
static int is_object(const struct elf *f)
{
	Elf64_Shdr s;

	return f->eh.e_type == ET_REL && f->eh.e_shnum &&
	       f->eh.e_shnum < SHN_LORESERVE - 1 &&
	       f->eh.e_shstrndx < f->eh.e_shnum && f->names &&
	       elf_find_section(f, INPUTS_SECTION, &s) < 0;
}

/* What comes behind the object: the text, the names of sections, and the
 * table of sections, of which the header is to tell. */
static void build_tail(const struct elf *f, const struct buf *text,
	struct buf *tail, Elf64_Ehdr *eh)
{
	size_t n = f->eh.e_shnum;
	_free_ Elf64_Shdr *sh = xcalloc(n + 1, sizeof(*sh));
	Elf64_Shdr *names = &sh[f->eh.e_shstrndx];

	memcpy(sh, f->data + f->eh.e_shoff, n * sizeof(*sh));
	sh[n] = (Elf64_Shdr){.sh_name = (Elf64_Word)f->names_len,
		.sh_type = SHT_PROGBITS,
		.sh_flags = SHF_EXCLUDE,
		.sh_offset = f->len,
		.sh_size = text->len,
		.sh_addralign = 1};
	buf_add(tail, text->data, text->len);
	names->sh_offset = f->len + tail->len;
	names->sh_size = f->names_len + sizeof(INPUTS_SECTION);
	buf_add(tail, f->names, f->names_len);
	buf_add(tail, INPUTS_SECTION, sizeof(INPUTS_SECTION));
	buf_add_zero(tail, -(f->len + tail->len) & 7);
	*eh = f->eh;
	eh->e_shoff = f->len + tail->len;
	eh->e_shnum = (Elf64_Half)(n + 1);
	buf_add(tail, sh, (n + 1) * sizeof(*sh));
}

int inputs_write(const char *object, const char *root, const struct strv *names,
	struct err *e)
{
	_elf_ struct elf f = {0};
	_buf_ struct buf text = {0}, tail = {0};
	_close_ int fd = -1;
	struct err ignored;
	Elf64_Ehdr eh;
	int r;

	if (elf_open(&f, object, &ignored) < 0 || !is_object(&f))
		return 0;
	buf_addf(&text, FIRST "%zu\n", f.len);
	for (size_t i = 0; i < names->n; i++)
		if (!list_file(&text, root, names->v[i]) && i == 0)
			return 0;
	build_tail(&f, &text, &tail, &eh);
	fd = open(object, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "open %s", object);
	/* The header last: until then it is the object that it was. */
	r = file_pwrite_all(fd, tail.data, tail.len, f.len, e);
	return r < 0 ? r : file_pwrite_all(fd, &eh, sizeof(eh), 0, e);
}

/* --- out of an object -----------------------------------------------------*/

int inputs_read(const void *object, size_t len, struct strv *lines)
{
	_free_ char *text = NULL, *first = NULL;
	char *save = NULL, *line;
	struct elf f;
	Elf64_Shdr s;
	struct err ignored;
	const char *data;
	int whole = 0, n = 0;

	if (elf_init(&f, object, len, "object", &ignored) < 0 ||
		elf_find_section(&f, INPUTS_SECTION, &s) < 0)
		return 0;
	data = elf_section_data(&f, &s, &len);
	if (!data)
		return 0;
	first = xasprintf(FIRST "%ju", (uintmax_t)s.sh_offset);
	text = xstrndup(data, len);
	for (line = strtok_r(text, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save)) {
		struct sbom_sums sums;
		_free_ char *path = inputs_path(line, &sums);

		if (path)
			strv_add(lines, line);
		/* Two of them: objects that were made one. */
		else if (++n == 1)
			whole = !strcmp(line, first);
		else
			whole = 0;
	}
	return whole;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Whose each byte of a kernel file of base linux is. */
#include "inspect/linuxsize.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "linux/bundle.h"

/* Of an entry of cpio's format "newc", before its name; cpio(5). */
enum { HEADER = 110, ALIGN = 4 };

static const char *owner(const char *path)
{
	if (!strcmp(path, "slipway/program"))
		return "application";
	if (!strcmp(path, "slipway/record"))
		return "boot record";
	return strncmp(path, "modules/", 8) == 0 ? "modules" : "init";
}

/* Files as libarchive finds them; an entry's header and name are before. */
static void add_files(struct spans *s, struct archive *a, uint64_t at)
{
	struct archive_entry *en;

	while (archive_read_next_header(a, &en) == ARCHIVE_OK) {
		const char *path = archive_entry_pathname(en);
		uint64_t head = (uint64_t)archive_read_header_position(a);
		uint64_t before;

		if (!path || archive_entry_filetype(en) != AE_IFREG)
			continue;
		before = HEADER + strlen(path) + 1;
		before += (ALIGN - before % ALIGN) % ALIGN;
		spans_add(s, at + head + before,
			(uint64_t)archive_entry_size(en), "%s", owner(path));
	}
}

void linux_add_spans(struct spans *s, const struct elf *f)
{
	uint64_t at, len;
	struct archive *a;
	Elf64_Phdr ph;

	if (linux_bundle_find(f, &at, &len) < 0)
		return;
	for (size_t i = 0; elf_phdr(f, i, &ph) == 0; i++)
		if (ph.p_type == PT_LOAD)
			spans_add(s, ph.p_offset, ph.p_filesz, "%s",
				i + 1 < f->nphdrs ? "Linux" : "entry");
	spans_add(s, at, len, "headers of the initramfs");
	a = archive_read_new();
	if (a && archive_read_support_format_cpio(a) == ARCHIVE_OK &&
		archive_read_open_memory(a, f->data + at, len) == ARCHIVE_OK)
		add_files(s, a, at);
	archive_read_free(a);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the initramfs with libarchive. */
#include "linux/initramfs.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"

struct cpio {
	struct archive *a;
	uint64_t epoch;
};

static la_ssize_t on_write(
	struct archive *a, void *arg, const void *p, size_t n)
{
	(void)a;
	buf_add(arg, p, n);
	return (la_ssize_t)n;
}

static int add(struct cpio *c, const char *path, unsigned mode, const void *p,
	size_t n, struct err *e)
{
	struct archive_entry *en = archive_entry_new();
	int r = 0;

	if (!en)
		return err_set(e, -ENOMEM, "initramfs: out of memory");
	archive_entry_set_pathname(en, path);
	archive_entry_set_mode(en, mode);
	archive_entry_set_size(en, (la_int64_t)n);
	archive_entry_set_mtime(en, (time_t)c->epoch, 0);
	archive_entry_set_nlink(en, 1);
	if (archive_write_header(c->a, en) != ARCHIVE_OK ||
		(n && archive_write_data(c->a, p, n) != (la_ssize_t)n))
		r = err_set(
			e, -EIO, "initramfs: %s", archive_error_string(c->a));
	archive_entry_free(en);
	return r;
}

static int add_file(struct cpio *c, const char *path, const char *from,
	unsigned mode, struct err *e)
{
	_buf_ struct buf data = {0};
	int r = file_read(from, SIZE_MAX, &data, e);

	return r < 0 ? r : add(c, path, 0100000 | mode, data.data, data.len, e);
}

static int add_module(const char *path, const char *rel, const struct stat *st,
	void *arg, struct err *e)
{
	_free_ char *to = NULL;

	if (!S_ISREG(st->st_mode))
		return 0;
	to = xasprintf("modules/%s", rel);
	return add_file(arg, to, path, 0644, e);
}

static int add_all(
	struct cpio *c, const struct linux_initramfs *i, struct err *e)
{
	static const char *const folders[] = {"modules", "slipway"};
	_free_ char *init = path_join(i->dir, "init");
	_free_ char *modules = path_join(i->dir, "modules");
	int r = 0;

	for (size_t k = 0; r == 0 && k < 2; k++)
		r = add(c, folders[k], 0040755, NULL, 0, e);
	if (r == 0)
		r = add_file(c, "init", init, 0755, e);
	if (r == 0)
		r = file_walk(modules, add_module, c, e);
	if (r == 0 && i->program)
		r = add_file(c, "slipway/program", i->program, 0755, e);
	if (r == 0)
		r = add(c, "slipway/record", 0100644, i->record, i->record_len,
			e);
	return r;
}

int linux_initramfs(
	const struct linux_initramfs *i, struct buf *out, struct err *e)
{
	struct cpio c = {archive_write_new(), i->epoch};
	int r;

	if (!c.a)
		return err_set(e, -ENOMEM, "initramfs: out of memory");
	archive_write_set_format_cpio_newc(c.a);
	archive_write_set_bytes_per_block(c.a, 512);
	if (archive_write_open(c.a, out, NULL, on_write, NULL) != ARCHIVE_OK)
		r = err_set(
			e, -EIO, "initramfs: %s", archive_error_string(c.a));
	else
		r = add_all(&c, i, e);
	if (r == 0 && archive_write_close(c.a) != ARCHIVE_OK)
		r = err_set(
			e, -EIO, "initramfs: %s", archive_error_string(c.a));
	archive_write_free(c.a);
	return r;
}

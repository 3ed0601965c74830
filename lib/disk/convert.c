/* SPDX-License-Identifier: Apache-2.0 */
/* Other disk formats: qemu-img into a temporary, then renamed. */
#include "disk/convert.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/proc.h"

static const struct {
	const char *name;
	const char *options; /* of -o, or NULL */
} formats[] = {
	{"raw", NULL},
	{"qcow2", "compat=1.1"},
	{"vmdk", "subformat=streamOptimized"},
	{"vhdx", "subformat=dynamic"},
	{"vpc", "subformat=fixed,force_size=on"},
};

static size_t find_format(const char *name)
{
	size_t i, n = sizeof(formats) / sizeof(formats[0]);

	for (i = 0; i < n; i++)
		if (strcmp(formats[i].name, name) == 0)
			break;
	return i;
}

int disk_format_known(const char *format)
{
	return find_format(format) < sizeof(formats) / sizeof(formats[0]);
}

static int copy_raw(const char *raw, const char *path, struct err *e)
{
	_outfile_ struct outfile f = {.fd = -1};
	_close_ int fd = open(raw, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return err_errno(e, "open %s", raw);
	r = file_create(&f, path, 0644, e);
	if (r == 0)
		r = file_copy_range(fd, 0, f.fd, 0, UINT64_MAX, e);
	if (r < 0)
		return err_wrap(e, "copy %s", raw);
	return file_commit(&f, e);
}

int disk_convert(
	const char *raw, const char *format, const char *path, struct err *e)
{
	_outfile_ struct outfile f = {.fd = -1};
	_strv_ struct strv argv = {0};
	_buf_ struct buf text = {0};
	struct proc p;
	struct proc_status st;
	size_t i = find_format(format);
	int r;

	if (!disk_format_known(format))
		return err_set(
			e, -EINVAL, "unknown disk format \"%s\"", format);
	if (strcmp(format, "raw") == 0)
		return copy_raw(raw, path, e);
	r = file_create(&f, path, 0644, e);
	if (r < 0)
		return r;
	strv_add(&argv, "qemu-img");
	strv_add(&argv, "convert");
	strv_add(&argv, "-f");
	strv_add(&argv, "raw");
	strv_add(&argv, "-O");
	strv_add(&argv, format);
	if (formats[i].options) {
		strv_add(&argv, "-o");
		strv_add(&argv, formats[i].options);
	}
	strv_add(&argv, "--");
	strv_add(&argv, raw);
	strv_add(&argv, f.tmp);
	p = (struct proc)PROC_INIT(argv.v);
	p.out = &text;
	p.err = &text;
	r = proc_run(&p, &st, e);
	if (r < 0)
		return r;
	if (st.exited != 0)
		return err_set(e, -EIO, "convert %s to %s: %s", raw, format,
			text.data ? text.data : "qemu-img failed");
	return file_commit(&f, e);
}

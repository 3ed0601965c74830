/* SPDX-License-Identifier: Apache-2.0 */
/* Other disk formats: qemu-img into a temporary, then renamed. */
#include "disk/convert.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/digest.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/proc.h"
#include "disk/gcp.h"
#include "disk/gpt.h"
#include "disk/grow.h"
#include "disk/guid.h"
#include "disk/vhdx.h"

const char *const disk_format_names[DISK_FORMATS] = {
	"raw", "qcow2", "vmdk", "vhdx", "vpc", "gcp"};

/* Of qemu-img's -o; NULL: it is not asked. */
static const char *const options[DISK_FORMATS] = {
	NULL,
	"compat=1.1",
	"subformat=streamOptimized",
	"subformat=dynamic",
	"subformat=fixed,force_size=on",
	NULL,
};

static size_t find_format(const char *name)
{
	size_t i;

	for (i = 0; i < DISK_FORMATS; i++)
		if (strcmp(disk_format_names[i], name) == 0)
			break;
	return i;
}

int disk_format_known(const char *format)
{
	return find_format(format) < DISK_FORMATS;
}

static int copy_raw(
	const char *raw, uint64_t size, const char *path, struct err *e)
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
	if (size)
		r = disk_grow(f.fd, size, e);
	return r < 0 ? r : file_commit(&f, e);
}

static int write_gcp(const char *raw, const char *path, struct err *e)
{
	_outfile_ struct outfile f = {.fd = -1};
	_close_ int fd = open(raw, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return err_errno(e, "open %s", raw);
	r = file_create(&f, path, 0644, e);
	if (r == 0)
		r = gcp_write(fd, f.fd, e);
	return r < 0 ? err_wrap(e, "%s", path) : file_commit(&f, e);
}

/* The size to be: what was asked for, or what the format wants. */
static int settle_size(
	const char *raw, const char *format, uint64_t *size, struct err *e)
{
	struct stat st;

	if (strcmp(format, "gcp") != 0)
		return 0;
	if (stat(raw, &st) < 0)
		return err_errno(e, "open %s", raw);
	if (!*size)
		*size = (uint64_t)st.st_size;
	*size = (*size + GCP_UNIT - 1) / GCP_UNIT * GCP_UNIT;
	return 0;
}

static uint32_t sum_bytes(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;

	while (n--)
		sum += *p++;
	return sum;
}

/*
 * qemu-img puts a random number into the descriptor of a vmdk, and time
 * and a random UUID into the footer of a vpc (Virtual Hard Disk Image
 * Format Specification 1.0), GUIDs into a vhdx. Ours come from the disk's
 * own GUID.
 */
static int fix_vmdk(int fd, const char *seed, struct err *e)
{
	enum { HEAD = 65536, CID = 8 };
	_free_ char *head = xcalloc(1, HEAD + CID + 1);
	ssize_t n = pread(fd, head, HEAD, 0);
	size_t digits, rest;
	char *at;

	if (n < 0)
		return err_errno(e, "read");
	at = memmem(head, (size_t)n, "\nCID=", 5);
	if (!at)
		return err_set(e, -EINVAL, "vmdk without a CID");
	at += 5;
	/* it has no leading zeros: the text after it may move */
	digits = strspn(at, "0123456789abcdef");
	rest = strlen(at + digits);
	memmove(at + CID, at + digits, rest + 1);
	memcpy(at, seed, CID);
	return file_pwrite_all(fd, at, CID + rest, (uint64_t)(at - head), e);
}

static int fix_vpc(int fd, const char *seed, struct err *e)
{
	enum { FOOTER = 512, TIME = 24, CHECKSUM = 64, UUID = 68 };
	struct guid uuid = guid_derive(seed, "vpc");
	uint8_t p[FOOTER];
	struct stat st;
	uint32_t sum;

	if (fstat(fd, &st) < 0 || st.st_size < FOOTER ||
		pread(fd, p, FOOTER, st.st_size - FOOTER) != FOOTER)
		return err_errno(e, "read");
	if (memcmp(p, "conectix", 8) != 0)
		return err_set(e, -EINVAL, "vpc without a footer");
	memset(p + TIME, 0, 4);
	memset(p + CHECKSUM, 0, 4);
	memcpy(p + UUID, uuid.b, sizeof(uuid.b));
	sum = ~sum_bytes(p, FOOTER);
	for (int i = 0; i < 4; i++)
		p[CHECKSUM + i] = (uint8_t)(sum >> (24 - 8 * i));
	return file_pwrite_all(fd, p, FOOTER, (uint64_t)st.st_size - FOOTER, e);
}

/* SHA-256 of the disk's first sectors: the GPT with all its GUIDs. */
static int make_seed(const char *raw, struct digest_hex *out, struct err *e)
{
	_close_ int fd = open(raw, O_RDONLY | O_CLOEXEC);
	char head[GPT_FIRST * GPT_SECTOR] = {0};
	struct digest d;

	if (fd < 0 || pread(fd, head, sizeof(head), 0) < 0)
		return err_errno(e, "open %s", raw);
	digest_init(&d);
	digest_add(&d, head, sizeof(head));
	*out = digest_end(&d);
	return 0;
}

static int run_qemu_img(const char *raw, const char *format, const char *how,
	const char *path, struct err *e)
{
	_strv_ struct strv argv = {0};
	_buf_ struct buf text = {0};
	struct proc p;
	int r;

	strv_add(&argv, "qemu-img");
	strv_add(&argv, "convert");
	strv_add(&argv, "-f");
	strv_add(&argv, "raw");
	strv_add(&argv, "-O");
	strv_add(&argv, format);
	strv_add(&argv, "-o");
	strv_add(&argv, how);
	strv_add(&argv, "--");
	strv_add(&argv, raw);
	strv_add(&argv, path);
	p = (struct proc)PROC_INIT(argv.v);
	p.out = &text;
	p.err = &text;
	r = proc_check(&p, e);
	return r < 0 ? err_wrap(e, "convert %s to %s", raw, format) : 0;
}

static int finish(const char *tmp, const char *format,
	const struct digest_hex *seed, const char *path, struct err *e)
{
	_close_ int fd = open(tmp, O_RDWR | O_CLOEXEC);
	int r = 0;

	if (fd < 0)
		return err_errno(e, "open %s", tmp);
	if (strcmp(format, "vmdk") == 0)
		r = fix_vmdk(fd, seed->s, e);
	if (strcmp(format, "vpc") == 0)
		r = fix_vpc(fd, seed->s, e);
	if (strcmp(format, "vhdx") == 0)
		r = vhdx_set_guids(fd, seed->s, e);
	if (r < 0)
		return r;
	if (fsync(fd) < 0 || rename(tmp, path) < 0)
		return err_errno(e, "write %s", path);
	return 0;
}

/* From a disk that has its size. */
static int convert(const char *raw, size_t format, const char *dir,
	const char *path, struct err *e)
{
	/* under its last name, since a vmdk holds it */
	_free_ char *tmp = path_join(dir, path_base(path));
	struct digest_hex seed;
	int r;

	if (!options[format])
		return write_gcp(raw, path, e);
	r = make_seed(raw, &seed, e);
	if (r == 0)
		r = run_qemu_img(raw, disk_format_names[format],
			options[format], tmp, e);
	if (r == 0)
		r = finish(tmp, disk_format_names[format], &seed, path, e);
	return r;
}

int disk_convert(const char *raw, const char *format, uint64_t size,
	const char *path, struct err *e)
{
	_free_ char *dir = NULL, *grown_dir = NULL, *grown = NULL;
	size_t i = find_format(format);
	struct err ignored;
	int r;

	if (!disk_format_known(format))
		return err_set(
			e, -EINVAL, "unknown disk format \"%s\"", format);
	r = settle_size(raw, format, &size, e);
	if (r < 0)
		return r;
	if (!strcmp(format, "raw"))
		return copy_raw(raw, size, path, e);
	dir = file_temp_dir_beside(path, e);
	if (!dir)
		return e->code;
	if (size) { /* beside it: both could have one name */
		grown_dir = path_join(dir, ".grown");
		grown = path_join(grown_dir, "disk");
		r = file_mkdirs(grown_dir, e);
		if (r == 0)
			r = copy_raw(raw, size, grown, e);
	}
	if (r == 0)
		r = convert(grown ? grown : raw, i, dir, path, e);
	file_remove_tree(dir, &ignored);
	return r;
}

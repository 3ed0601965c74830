/* SPDX-License-Identifier: Apache-2.0 */
/* The bootable disk: plans the partitions, fills them, writes the tables. */
#include "disk/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/digest.h"
#include "core/file.h"
#include "core/mem.h"
#include "disk/boot.h"
#include "disk/esp.h"
#include "disk/gpt.h"
#include "disk/pvh.h"

enum { ALIGN = 2048 }; /* sectors: 1 MiB */

/* Everything that is known before the first byte is written. */
struct plan {
	const struct disk_spec *spec;
	struct boot_code code;
	uint64_t kernel_size;
	uint64_t rootfs_size;
	struct esp_form esp;
	struct digest_hex seed;
	struct gpt gpt;
	const struct gpt_part *bios, *efi, *root; /* in gpt; NULL: none */
};

static uint64_t align_up(uint64_t v, uint64_t to)
{
	return (v + to - 1) / to * to;
}

static uint64_t sectors(uint64_t bytes)
{
	return align_up(bytes, GPT_SECTOR) / GPT_SECTOR;
}

/* The seed of all identifiers. Of the root filesystem its first block is
 * enough: it holds the UUID, which comes from the contents. */
static int make_seed(struct plan *p, struct err *e)
{
	const struct disk_spec *s = p->spec;
	struct digest_hex kernel;
	struct digest d;
	char block[4096] = {0};
	int r;

	r = digest_file(s->kernel, &kernel, e);
	if (r < 0)
		return r;
	digest_init(&d);
	digest_add_str(&d, "slipway disk 1");
	digest_add_str(&d, kernel.s);
	digest_add(&d, p->code.mbr.data, p->code.mbr.len);
	digest_add(&d, p->code.stage2.data, p->code.stage2.len);
	digest_add(&d, p->code.uefi.data, p->code.uefi.len);
	digest_add(&d, &s->esp, sizeof(s->esp));
	digest_add(&d, &s->epoch, sizeof(s->epoch));
	digest_add(&d, &p->rootfs_size, sizeof(p->rootfs_size));
	if (s->rootfs) {
		_close_ int fd = open(s->rootfs, O_RDONLY | O_CLOEXEC);

		if (fd < 0 || pread(fd, block, sizeof(block), 0) < 0)
			return err_errno(e, "read %s", s->rootfs);
		digest_add(&d, block, sizeof(block));
	}
	p->seed = digest_end(&d);
	return 0;
}

static const struct gpt_part *add_part(struct plan *p, const char *name,
	const char *type, uint64_t first, uint64_t nsectors)
{
	struct gpt_part *part = &p->gpt.part[p->gpt.nparts++];

	part->type = guid_parse(type);
	part->guid = guid_derive(p->seed.s, name);
	part->first_lba = first;
	part->last_lba = first + nsectors - 1;
	snprintf(part->name, sizeof(part->name), "%s", name);
	return part;
}

static int plan_parts(struct plan *p, struct err *e)
{
	uint64_t need = sectors(p->code.stage2.len) + sectors(p->kernel_size);
	uint64_t next = ALIGN, first = GPT_FIRST;
	/* ends are as even as the starts, or verifiers warn */
	uint64_t unit = 8, tail;
	int r;

	/* what is left before the first boundary belongs to the BIOS too */
	if (GPT_FIRST + need > ALIGN) {
		first = unit = ALIGN;
		next = align_up(first + need, ALIGN);
	}
	/* the last partition leaves room for the backup table */
	tail = p->spec->rootfs ? 0 : align_up(GPT_LAST_GAP - 1, unit);
	p->bios = add_part(p, "BIOS boot", GPT_TYPE_BIOS, first, next - first);
	if (p->spec->esp != DISK_ESP_NONE) {
		r = esp_plan(p->spec->esp, p->code.uefi.len + p->kernel_size,
			&p->esp, e);
		if (r < 0)
			return r;
		first = next;
		next = align_up(first + p->esp.min_sectors + tail, ALIGN);
		p->efi = add_part(p, "EFI system", GPT_TYPE_ESP, first,
			next - first - tail);
	}
	if (p->spec->rootfs) {
		first = next;
		next = first + align_up(sectors(p->rootfs_size), unit);
		p->root = add_part(
			p, "root", GPT_TYPE_LINUX, first, next - first);
	}
	next = p->gpt.part[p->gpt.nparts - 1].last_lba + 1;
	p->gpt.nsectors = align_up(next + GPT_LAST_GAP - 1, ALIGN);
	p->gpt.guid = guid_derive(p->seed.s, "disk");
	return 0;
}

static int make_plan(const struct disk_spec *s, struct plan *p, struct err *e)
{
	struct pvh_info pvh;
	struct stat st;
	int r;

	p->spec = s;
	r = pvh_read(s->kernel, &p->kernel_size, &pvh, e);
	if (r < 0)
		return r;
	if (p->kernel_size > UINT32_MAX / 2)
		return err_set(e, -EFBIG, "%s: too large", s->kernel);
	if (s->rootfs) {
		if (stat(s->rootfs, &st) < 0)
			return err_errno(e, "open %s", s->rootfs);
		if (!S_ISREG(st.st_mode) || st.st_size < 4096)
			return err_set(
				e, -EINVAL, "%s: not a file system", s->rootfs);
		p->rootfs_size = (uint64_t)st.st_size;
	}
	r = boot_read(s->boot_dir, &p->code, e);
	if (r < 0)
		return r;
	r = make_seed(p, e);
	if (r < 0)
		return r;
	r = plan_parts(p, e);
	if (r < 0)
		return r;
	boot_patch_bios(&p->code, p->bios->first_lba, p->kernel_size);
	boot_patch_uefi(&p->code, p->kernel_size);
	return 0;
}

/* Copies a whole file to an offset of `to`. */
static int copy_file(
	const char *path, uint64_t size, int to, uint64_t off, struct err *e)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return err_errno(e, "open %s", path);
	r = file_copy_range(fd, 0, to, off, size, e);
	return r < 0 ? err_wrap(e, "%s", path) : 0;
}

static int write_efi_file(const struct plan *p, const char *dir, struct err *e)
{
	_free_ char *folder = path_join(dir, "EFI/BOOT");
	_free_ char *path = path_join(folder, "BOOTX64.EFI");
	uint64_t size = p->code.uefi.len + p->kernel_size;
	_close_ int fd = -1;
	int r;

	r = file_mkdirs(folder, e);
	if (r < 0)
		return r;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)align_up(size, GPT_SECTOR)) < 0)
		return err_errno(e, "create %s", path);
	r = file_pwrite_all(fd, p->code.uefi.data, p->code.uefi.len, 0, e);
	if (r < 0)
		return r;
	return copy_file(
		p->spec->kernel, p->kernel_size, fd, p->code.uefi.len, e);
}

static int write_esp(const struct plan *p, int fd, struct err *e)
{
	_free_ char *dir = file_temp_dir("slipway-esp", e);
	struct err ignored;
	struct digest_hex id;
	struct digest d;
	struct esp_spec s = {.form = p->esp, .dir = dir};
	_free_ char *image = NULL;
	int r;

	if (!dir)
		return e->code;
	digest_init(&d);
	digest_add_str(&d, p->seed.s);
	digest_add_str(&d, "volume");
	id = digest_end(&d);
	id.s[8] = 0;
	s.volume_id = (uint32_t)strtoul(id.s, NULL, 16);
	s.nsectors = p->efi->last_lba - p->efi->first_lba + 1;
	s.first_lba = p->efi->first_lba;
	s.epoch = p->spec->epoch;
	image = path_join(dir, "esp.img");
	r = write_efi_file(p, dir, e);
	if (r == 0)
		r = esp_make(&s, e);
	if (r == 0)
		r = copy_file(image, UINT64_MAX, fd,
			p->efi->first_lba * GPT_SECTOR, e);
	file_remove_tree(dir, &ignored);
	return r;
}

static int write_all(const struct plan *p, int fd, struct err *e)
{
	uint64_t at = p->bios->first_lba * GPT_SECTOR;
	int r;

	if (ftruncate(fd, (off_t)(p->gpt.nsectors * GPT_SECTOR)) < 0)
		return err_errno(e, "make room");
	r = file_pwrite_all(fd, p->code.mbr.data, p->code.mbr.len, 0, e);
	if (r < 0)
		return r;
	r = gpt_write(&p->gpt, fd, e);
	if (r < 0)
		return r;
	r = file_pwrite_all(fd, p->code.stage2.data, p->code.stage2.len, at, e);
	if (r < 0)
		return r;
	r = copy_file(p->spec->kernel, p->kernel_size, fd,
		at + p->code.stage2.len, e);
	if (r < 0)
		return r;
	if (p->efi) {
		r = write_esp(p, fd, e);
		if (r < 0)
			return r;
	}
	if (!p->root)
		return 0;
	return copy_file(p->spec->rootfs, p->rootfs_size, fd,
		p->root->first_lba * GPT_SECTOR, e);
}

static int fill_info(
	const struct plan *p, int fd, struct disk_info *out, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(e, "stat");
	memset(out, 0, sizeof(*out));
	out->size = (uint64_t)st.st_size;
	out->allocated = (uint64_t)st.st_blocks * 512;
	guid_format(&p->gpt.guid, out->guid);
	out->nparts = p->gpt.nparts;
	for (size_t i = 0; i < p->gpt.nparts; i++) {
		const struct gpt_part *from = &p->gpt.part[i];
		struct disk_part *to = &out->part[i];

		snprintf(to->name, sizeof(to->name), "%s", from->name);
		guid_format(&from->type, to->type);
		guid_format(&from->guid, to->guid);
		to->first_lba = from->first_lba;
		to->last_lba = from->last_lba;
	}
	return 0;
}

int disk_write(const struct disk_spec *s, const char *path,
	struct disk_info *out, struct err *e)
{
	_free_ struct plan *p = xcalloc(1, sizeof(*p));
	_outfile_ struct outfile f = {.fd = -1};
	struct disk_info info;
	int r;

	r = make_plan(s, p, e);
	if (r == 0)
		r = file_create(&f, path, 0644, e);
	if (r == 0) {
		r = write_all(p, f.fd, e);
		if (r < 0)
			err_wrap(e, "%s", path);
	}
	boot_free(&p->code);
	if (r < 0)
		return r;
	r = fill_info(p, f.fd, &info, e);
	if (r == 0)
		r = file_commit(&f, e);
	if (r == 0 && out)
		*out = info;
	return r;
}

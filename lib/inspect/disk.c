/* SPDX-License-Identifier: Apache-2.0 */
/* A raw disk: its partitions, the kernel, the root filesystem. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/digest.h"
#include "core/mem.h"
#include "disk/boot.h"
#include "disk/erofs.h"
#include "disk/fat.h"
#include "disk/gpt.h"
#include "disk/pvh.h"
#include "inspect/disksize.h"
#include "inspect/explain.h"
#include "inspect/inspect.h"

static uint64_t get_le(const unsigned char *p, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static void set_number(json_t *o, const char *key, uint64_t v)
{
	json_object_set_new(o, key, json_integer((json_int_t)v));
}

static const char *type_name(const struct guid *g)
{
	static const char *const known[][2] = {
		{GPT_TYPE_BIOS, "BIOS boot"},
		{GPT_TYPE_ESP, "EFI system"},
		{GPT_TYPE_LINUX, "Linux data"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct guid k = guid_parse(known[i][0]);

		if (memcmp(&k, g, sizeof(k)) == 0)
			return known[i][1];
	}
	return "unknown";
}

struct listing {
	json_t *files; /* NULL: only counted */
	unsigned flags;
	uint64_t n;
};

static int visit(const struct erofs_file *f, void *arg, struct err *e)
{
	struct listing *l = arg;
	struct digest d;
	json_t *o;

	(void)e;
	l->n++;
	if (!l->files || !*f->path)
		return 0;
	o = inspect_entry(f->path, f->mode, f->uid, f->gid, f->size, f->link,
		f->link_len);
	json_array_append_new(l->files, o);
	if (l->flags & INSPECT_DIGESTS && f->body) {
		digest_init(&d);
		digest_add(&d, f->body, f->body_len);
		digest_add(&d, f->tail, f->tail_len);
		inspect_set_digest(o, "digest", &d);
	}
	return 0;
}

json_t *inspect_rootfs(
	const unsigned char *p, size_t len, unsigned flags, struct err *e)
{
	struct listing l = {.flags = flags};
	_spans_ struct spans spans = {0};
	json_t *o = json_object();
	char uuid[37] = "", *at = uuid;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		at += snprintf(at, 3, "%02x", p[1024 + 48 + i]);
	}
	if (flags & (INSPECT_FILES | INSPECT_DIGESTS))
		l.files = json_array();
	json_object_set_new(o, "type", json_string("rootfs"));
	json_object_set_new(o, "format", json_string("EROFS"));
	json_object_set_new(o, "uuid", json_string(uuid));
	set_number(o, "size", len);
	if (erofs_walk(p, len, visit, &l, e) < 0) {
		json_decref(l.files);
		json_decref(o);
		return NULL;
	}
	set_number(o, "entries", l.n);
	if (l.files)
		json_object_set_new(o, "files", l.files);
	if (flags & INSPECT_SIZE) {
		rootfs_spans(&spans, p, 0, len, "");
		json_object_set_new(o, "components",
			spans_components(&spans, len, "free space"));
	}
	return o;
}

/* The kernel that stage 2 loads; NULL: there is none that we know of. */
static json_t *find_kernel(const unsigned char *p, size_t len,
	const struct gpt_part *bios, unsigned flags)
{
	uint64_t at = bios->first_lba * GPT_SECTOR, lba, size;
	struct pvh_info info;
	struct err ignored;
	json_t *o;

	if (at + GPT_SECTOR > len || memcmp(p + at + 4, "SLG2", 4) != 0)
		return NULL;
	lba = get_le(p + at + BOOT_STAGE2_FIELDS, 8);
	size = get_le(p + at + BOOT_STAGE2_FIELDS + 8, 8);
	if (lba > len / GPT_SECTOR || size > len - lba * GPT_SECTOR)
		return NULL;
	o = json_object();
	set_number(o, "lba", lba);
	set_number(o, "size", size);
	inspect_digest(o, "digest", p + lba * GPT_SECTOR, size);
	if (pvh_parse(p + lba * GPT_SECTOR, size, &info, &ignored) == 0)
		json_object_set_new(
			o, "pvh_entry", json_sprintf("0x%" PRIx32, info.entry));
	if (flags & (INSPECT_DIGESTS | INSPECT_SIZE))
		json_object_set_new(o, "content",
			inspect_bytes("", p + lba * GPT_SECTOR, size, flags,
				&ignored));
	return o;
}

static json_t *show_part(const struct gpt_part *part, const unsigned char *p,
	size_t len, unsigned flags)
{
	size_t at = part->first_lba * GPT_SECTOR;
	size_t end = (part->last_lba + 1) * GPT_SECTOR;
	json_t *o = json_object();
	char guid[GUID_TEXT], type[GUID_TEXT];

	guid_format(&part->guid, guid);
	guid_format(&part->type, type);
	json_object_set_new(
		o, "name", inspect_string(part->name, strlen(part->name)));
	json_object_set_new(o, "kind", json_string(type_name(&part->type)));
	json_object_set_new(o, "type_guid", json_string(type));
	json_object_set_new(o, "guid", json_string(guid));
	set_number(o, "first_lba", part->first_lba);
	set_number(o, "last_lba", part->last_lba);
	set_number(o, "size", end - at);
	if (flags & INSPECT_DIGESTS && at < end && end <= len)
		inspect_digest(o, "digest", p + at, end - at);
	return o;
}

/* What is in a partition, to the disk's object. */
static int show_content(json_t *o, const struct gpt_part *part,
	const unsigned char *p, size_t len, unsigned flags, struct err *e)
{
	static const unsigned char erofs[4] = {0xe2, 0xe1, 0xf5, 0xe0};
	struct guid bios = guid_parse(GPT_TYPE_BIOS);
	size_t at = part->first_lba * GPT_SECTOR;
	size_t size = (part->last_lba + 1) * GPT_SECTOR - at;
	json_t *content;

	if (at > len || size > len - at)
		return 0;
	if (memcmp(&part->type, &bios, sizeof(bios)) == 0) {
		content = find_kernel(p, len, part, flags);
		if (content)
			json_object_set_new(o, "kernel", content);
	} else if (size >= 4096 && memcmp(p + at + 1024, erofs, 4) == 0) {
		content = inspect_rootfs(p + at, size, flags, e);
		if (!content)
			return e->code;
		json_object_set_new(o, "rootfs", content);
	}
	return 0;
}

static void see_loader(void *arg, const char *path, uint64_t at, uint64_t size)
{
	static const char dir[] = "EFI/BOOT/BOOT";

	(void)at;
	(void)size;
	if (path && !strncmp(path, dir, sizeof(dir) - 1))
		*(int *)arg = 1;
}

/* The firmware that finds something to start. */
static json_t *boot_methods(const json_t *o, const struct gpt *g,
	const unsigned char *p, size_t len)
{
	struct guid esp = guid_parse(GPT_TYPE_ESP);
	json_t *list = json_array();
	struct err ignored;
	int uefi = 0;

	if (json_object_get(o, "kernel") && p[510] == 0x55 && p[511] == 0xaa)
		json_array_append_new(list, json_string("BIOS"));
	for (size_t i = 0; i < g->nparts; i++) {
		const struct gpt_part *part = &g->part[i];
		size_t at = part->first_lba * GPT_SECTOR;
		size_t end = (part->last_lba + 1) * GPT_SECTOR;

		if (memcmp(&part->type, &esp, sizeof(esp)) == 0 && end <= len)
			fat_walk(p + at, end - at, see_loader, &uefi, &ignored);
	}
	if (uefi)
		json_array_append_new(list, json_string("UEFI"));
	return list;
}

/* What the build left of the kernel's link. */
static void explain(json_t *o, const char *path, unsigned flags)
{
	json_t *kernel = json_object_get(o, "kernel");
	const char *digest =
		json_string_value(json_object_get(kernel, "digest"));
	json_t *record = NULL, *content, *list;

	if (digest && *path && flags & (INSPECT_SIZE | INSPECT_EXPLAIN))
		record = explain_beside(path, digest);
	if (!record)
		return;
	content = json_object_get(kernel, "content");
	list = json_object_get(record, "components");
	if (flags & INSPECT_SIZE && content) {
		json_object_set(content, "components", list);
		json_object_set_new(content, "components_from",
			json_string("record of the link"));
	}
	if (flags & INSPECT_EXPLAIN)
		json_object_set(o, "explain", record);
	json_decref(record);
}

json_t *inspect_disk(const char *path, const unsigned char *p, size_t len,
	unsigned flags, struct err *e)
{
	_free_ struct gpt *g = xcalloc(1, sizeof(*g));
	_spans_ struct spans spans = {0};
	char guid[GUID_TEXT];
	struct stat st;
	json_t *o, *parts;
	int r = gpt_parse(p, len, len, g, e);

	if (r < 0)
		return NULL;
	o = json_object();
	guid_format(&g->guid, guid);
	json_object_set_new(o, "type", json_string("disk"));
	json_object_set_new(o, "format", json_string("raw"));
	set_number(o, "size", len);
	if (stat(path, &st) == 0)
		set_number(o, "allocated", (uint64_t)st.st_blocks * 512);
	json_object_set_new(o, "guid", json_string(guid));
	parts = json_array();
	json_object_set_new(o, "partitions", parts);
	for (size_t i = 0; i < g->nparts && r == 0; i++) {
		json_array_append_new(
			parts, show_part(&g->part[i], p, len, flags));
		r = show_content(o, &g->part[i], p, len, flags, e);
	}
	if (r < 0) {
		json_decref(o);
		return NULL;
	}
	json_object_set_new(o, "boot", boot_methods(o, g, p, len));
	explain(o, path, flags);
	if (flags & INSPECT_SIZE) {
		disk_spans(&spans, p, len, g);
		json_object_set_new(o, "components",
			spans_components(&spans, len, "free space"));
	}
	return o;
}

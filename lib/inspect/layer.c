/* SPDX-License-Identifier: Apache-2.0 */
/* A layer of an image: its files, and what is in the kernels and disks. */
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/mem.h"
#include "inspect/explain.h"
#include "inspect/inspect.h"
#include "inspect/origin.h"
#include "inspect/reasons.h"
#include "inspect/store.h"

#define MACHINE_FILE "slipway/vm.json"

/* What is listed of one layer, and the largest file that is looked into. */
enum {
	FILES_MAX = 200000,
	TEXT_MAX = 32 << 20,
	RECORD_MAX = 8 << 20,
	TARGET_MAX = 2 << 20,
	BOOT_MAX = 16
};
static const uint64_t content_max = (uint64_t)64 << 30;

/* Where it goes in the image's description. */
struct walk {
	struct store_layer *layer;
	unsigned flags;
	json_t *image;
	size_t text; /* bytes of names in the list */
};

static void read_machine(json_t *image, const void *text, size_t size)
{
	json_t *machine = json_loadb(text, size, 0, NULL);

	if (machine)
		json_object_set_new(image, "machine", machine);
}

/* The documents about the image that are in it, by their names. */
static void note_document(json_t *image, const char *path)
{
	static const char *const names[] = {
		"slipway/sbom.spdx.json", "slipway/provenance.json"};
	json_t *list = json_object_get(image, "documents");

	path += strncmp(path, "./", 2) == 0 ? 2 : 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(path, names[i]) != 0)
			continue;
		if (!list) {
			list = json_array();
			json_object_set_new(image, "documents", list);
		}
		json_array_append_new(list, json_sprintf("/%s", path));
	}
}

static json_t *show_entry(struct archive_entry *ae)
{
	const char *link = archive_entry_symlink(ae);

	return inspect_entry(archive_entry_pathname(ae), archive_entry_mode(ae),
		(unsigned)archive_entry_uid(ae),
		(unsigned)archive_entry_gid(ae),
		(uint64_t)archive_entry_size(ae), link,
		link ? strlen(link) : 0);
}

static int is_kernel_or_disk(const unsigned char *p, size_t len)
{
	return (len >= 4 && memcmp(p, "\177ELF", 4) == 0) ||
	       (len >= 1024 && memcmp(p + 512, "EFI PART", 8) == 0);
}

/* Where images of ours have what boots. */
static int is_boot(const char *path)
{
	return !strncmp(path, ".boot/", 6) || !strncmp(path, "disk/", 5);
}

/* What is read of an entry, if anything. */
static int wants(const struct walk *w, const char *path)
{
	if (w->flags & INSPECT_DIGESTS || !strcmp(path, MACHINE_FILE) ||
		!strcmp(path, EXPLAIN_IMAGE_PATH))
		return 1;
	if (w->flags & INSPECT_FILES && !strcmp(path, REASONS_IMAGE_PATH))
		return 1;
	return w->flags & (INSPECT_SIZE | INSPECT_EXPLAIN) && is_boot(path);
}

/* The record of the link; for the target alone a small one is read. */
static void take_record(struct walk *w, const unsigned char *p, size_t len)
{
	int asked = (w->flags & (INSPECT_SIZE | INSPECT_EXPLAIN)) != 0;
	struct err ignored;
	json_t *o, *target;

	if (len > (asked ? RECORD_MAX : TARGET_MAX))
		return;
	o = explain_parse(p, len, &ignored);
	target = json_object_get(o, "target");
	if (json_is_string(target))
		json_object_set(w->image, "target", target);
	if (o && asked)
		json_object_set(w->image, "explain", o);
	json_decref(o);
}

/* Whose the bytes of kernels and disks are. */
static void take_sizes(
	struct walk *w, const char *path, const unsigned char *p, size_t len)
{
	struct err ignored;
	json_t *o, *list;

	if (!is_boot(path) || !is_kernel_or_disk(p, len))
		return;
	o = inspect_bytes("", p, len, INSPECT_SIZE, &ignored);
	if (!o)
		return;
	json_object_set_new(o, "path", inspect_string(path, strlen(path)));
	list = json_object_get(w->image, "contents");
	if (!list) {
		list = json_array();
		json_object_set_new(w->image, "contents", list);
	}
	json_array_append_new(list, o);
}

/* What is in the root filesystem, as a list of its own. */
static void take_reasons(json_t *image, const unsigned char *p, size_t len)
{
	json_t *list = reasons_parse(p, len);

	if (list)
		json_object_set_new(image, "rootfs", list);
}

/* A file's content: the machine, a digest, what is in a disk or kernel. */
static void take_content(struct walk *w, json_t *file, const char *path,
	const unsigned char *p, size_t len)
{
	struct err ignored;

	if (strcmp(path, MACHINE_FILE) == 0)
		read_machine(w->image, p, len);
	if (strcmp(path, EXPLAIN_IMAGE_PATH) == 0)
		take_record(w, p, len);
	if (strcmp(path, REASONS_IMAGE_PATH) == 0)
		take_reasons(w->image, p, len);
	if (w->flags & INSPECT_SIZE)
		take_sizes(w, path, p, len);
	if (!(w->flags & INSPECT_DIGESTS))
		return;
	inspect_digest(file, "digest", p, len);
	if (is_kernel_or_disk(p, len))
		json_object_set_new(file, "content",
			inspect_bytes("", p, len, w->flags, &ignored));
}

/* By way of a file without a name: disks are large, and mostly holes. */
static int read_content(
	struct walk *w, struct archive_entry *ae, json_t *file, struct err *e)
{
	const char *path = archive_entry_pathname(ae);
	size_t len = (size_t)archive_entry_size(ae);
	FILE *f;
	void *p;
	int r = 0;

	if (archive_entry_filetype(ae) != AE_IFREG || len == 0 ||
		!wants(w, path))
		return 0;
	if (len > content_max)
		return err_set(e, -EFBIG, "%s: too large to look into", path);
	f = tmpfile();
	if (!f)
		return err_errno(e, "create a temporary file");
	r = store_extract(w->layer->tar, path, fileno(f), e);
	if (r == 0 && ftruncate(fileno(f), (off_t)len) < 0)
		r = err_errno(e, "%s", path);
	p = r < 0 ? MAP_FAILED
		  : mmap(NULL, len, PROT_READ, MAP_PRIVATE, fileno(f), 0);
	if (p != MAP_FAILED) {
		take_content(w, file, path, p, len);
		munmap(p, len);
	} else if (r == 0) {
		r = err_errno(e, "read %s", path);
	}
	fclose(f);
	return r;
}

/* The list that is asked for; its size is not the image's to choose. */
static int list_file(struct walk *w, json_t *files, json_t *file,
	struct archive_entry *ae, struct err *e)
{
	const char *link = archive_entry_symlink(ae);

	if (!(w->flags & (INSPECT_FILES | INSPECT_DIGESTS)))
		return 0;
	w->text +=
		strlen(archive_entry_pathname(ae)) + (link ? strlen(link) : 0);
	if (json_array_size(files) == FILES_MAX || w->text > TEXT_MAX)
		return err_set(e, -EFBIG, "too many files, or too long names");
	json_array_append(files, file);
	return 0;
}

/* Why it is there, if that was asked, and what the image is for. */
static void tell_origin(
	struct walk *w, const json_t *layer, json_t *file, const char *path)
{
	const char *comment =
		json_string_value(json_object_get(layer, "comment"));
	const char *why = origin_of(path, comment ? comment : "");
	const char *boot = origin_boot(path);
	json_t *list = json_object_get(w->image, "boot");

	if (why && w->flags & INSPECT_FILES)
		json_object_set_new(file, "origin", json_string(why));
	if (!boot || json_array_size(list) >= BOOT_MAX)
		return;
	if (!list) {
		list = json_array();
		json_object_set_new(w->image, "boot", list);
	}
	json_array_append_new(list, json_string(boot));
}

static int walk_entries(struct walk *w, json_t *o, struct err *e)
{
	struct archive *tar = w->layer->tar;
	json_t *files = json_array();
	struct archive_entry *ae;
	uint64_t size = 0, n = 0;
	int r, bad = 0;

	while (!bad &&
		((r = archive_read_next_header(tar, &ae)) == ARCHIVE_OK ||
			r == ARCHIVE_WARN)) {
		json_t *file;

		if (!archive_entry_pathname(ae))
			continue;
		n++;
		size += (uint64_t)archive_entry_size(ae);
		note_document(w->image, archive_entry_pathname(ae));
		file = show_entry(ae);
		tell_origin(w, o, file, archive_entry_pathname(ae));
		bad = list_file(w, files, file, ae, e);
		if (!bad)
			bad = read_content(w, ae, file, e);
		json_decref(file);
	}
	json_object_set_new(
		o, "size", json_integer((json_int_t)w->layer->size));
	json_object_set_new(o, "content", json_integer((json_int_t)size));
	json_object_set_new(o, "entries", json_integer((json_int_t)n));
	if (w->flags & (INSPECT_FILES | INSPECT_DIGESTS))
		json_object_set(o, "files", files);
	json_decref(files);
	if (bad || r == ARCHIVE_EOF)
		return bad;
	return err_set(e, -EINVAL, "%s",
		archive_error_string(tar) ? archive_error_string(tar)
					  : "damaged");
}

int inspect_layer(const struct store *s, const char *name, json_t *o,
	unsigned flags, json_t *image, struct err *e)
{
	struct store_layer *l = xmalloc(sizeof(*l));
	struct walk w = {.layer = l, .flags = flags, .image = image};
	int r = store_open_layer(s, name, l, e);

	if (r == 0) {
		r = walk_entries(&w, o, e);
		if (r < 0)
			err_wrap(e, "layer %s", name);
		store_close_layer(l);
	}
	free(l);
	return r;
}

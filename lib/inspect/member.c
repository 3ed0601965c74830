/* SPDX-License-Identifier: Apache-2.0 */
/* One file out of an image, by its name. */
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "inspect/inspect.h"
#include "inspect/store.h"

enum { MEMBER_MAX = 256 << 20 };

static int read_entry(struct archive *tar, struct archive_entry *ae,
	const char *name, struct buf *out, struct err *e)
{
	_free_ char *chunk = xmalloc(65536);
	la_ssize_t n;

	if (archive_entry_size(ae) > MEMBER_MAX)
		return err_set(e, -EFBIG, "%s: too large", name);
	while ((n = archive_read_data(tar, chunk, 65536)) > 0) {
		buf_add(out, chunk, (size_t)n);
		if (out->len > MEMBER_MAX)
			return err_set(e, -EFBIG, "%s: too large", name);
	}
	if (n < 0)
		return err_set(
			e, -EINVAL, "%s: %s", name, archive_error_string(tar));
	return 0;
}

/* 1 if the layer has it. */
static int search_layer(const struct store *s, const char *layer,
	const char *name, struct buf *out, struct err *e)
{
	struct store_layer *l = xmalloc(sizeof(*l));
	struct archive_entry *ae;
	int found = 0, r = store_open_layer(s, layer, l, e);

	while (r == 0 && !found &&
		archive_read_next_header(l->tar, &ae) == ARCHIVE_OK) {
		const char *at = archive_entry_pathname(ae);

		if (at && !strncmp(at, "./", 2))
			at += 2;
		if (!at || strcmp(at, name) != 0 ||
			archive_entry_filetype(ae) != AE_IFREG)
			continue;
		r = read_entry(l->tar, ae, name, out, e);
		found = 1;
	}
	if (l->tar)
		store_close_layer(l);
	free(l);
	return r < 0 ? r : found;
}

/* From the last layer down: the file that counts. */
static int search_layers(const struct store *s, const json_t *image,
	const char *name, struct buf *out, struct err *e)
{
	json_t *layers = json_object_get(image, "layers");

	for (size_t i = json_array_size(layers); i > 0; i--) {
		const char *blob = json_string_value(
			json_object_get(json_array_get(layers, i - 1), "blob"));
		int r = blob ? search_layer(s, blob, name, out, e) : 0;

		if (r)
			return r < 0 ? r : 0;
	}
	return err_set(e, -ENOENT, "there is no /%s in this image", name);
}

/* A folder with the image's files, as `--output type=rootfs` leaves it. */
static int is_tree(const char *dir)
{
	_free_ char *index = path_join(dir, "index.json");
	_free_ char *docker = path_join(dir, "manifest.json");
	_free_ char *ours = path_join(dir, "slipway");

	return access(index, F_OK) < 0 && access(docker, F_OK) < 0 &&
	       access(ours, F_OK) == 0;
}

static int search(
	const char *path, const char *name, struct buf *out, struct err *e)
{
	_free_ char *file = path_join(path, name);
	struct store s = {.path = path};
	const char *type;
	struct stat st;
	json_t *o;
	int r;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		s.is_dir = 1;
		if (is_tree(path))
			return file_read(file, MEMBER_MAX, out, e);
	}
	o = s.is_dir ? inspect_image(path, 1, 0, e) : inspect_file(path, 0, e);
	if (!o)
		return e->code;
	type = json_string_value(json_object_get(o, "type"));
	if (strcmp(type, "image") != 0)
		r = err_set(
			e, -EINVAL, "this is a %s; only images have one", type);
	else
		r = search_layers(&s, o, name, out, e);
	json_decref(o);
	return r;
}

int inspect_member(
	const char *path, const char *name, struct buf *out, struct err *e)
{
	int r = search(path, name, out, e);

	/* inspect_file names the file by itself. */
	return r < 0 && strncmp(e->msg, path, strlen(path)) != 0
		       ? err_wrap(e, "%s", path)
		       : r;
}

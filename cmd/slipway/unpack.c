/* SPDX-License-Identifier: Apache-2.0 */
/* Reads an image's layers, from the highest down. */
#include "unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "inspect/store.h"
#include "vm/config.h"

static int archive_err(struct archive *a, const char *what, struct err *e)
{
	const char *text = archive_error_string(a);

	return err_set(e, -EINVAL, "%s: %s", what, text ? text : "damaged");
}

static int read_manifest(const struct store *s, json_t **out, struct err *e)
{
	_buf_ struct buf b = {0};
	json_error_t je;
	json_t *v;
	int r = store_read(s, "manifest.json", &b, e);

	if (r == -ENOENT)
		return err_set(
			e, r, "not an image: there is no manifest.json in it");
	if (r < 0)
		return r;
	v = json_loadb(b.data ? b.data : "", b.len, 0, &je);
	if (!v)
		return err_set(e, -EINVAL, "manifest.json: %s", je.text);
	*out = v;
	return 0;
}

static int is_wanted(const char *p)
{
	static const char *const dirs[] = {"slipway/", ".boot/", "disk/"};

	if (strstr(p, "..") || !strcmp(p, "slipway/launch"))
		return 0;
	for (size_t i = 0; i < 3; i++) {
		if (!strncmp(p, dirs[i], strlen(dirs[i])))
			return 1;
	}
	return 0;
}

static int write_member(struct store_layer *l, const char *to, struct err *e)
{
	_free_ char *dir = path_dir(to);
	_close_ int fd = -1;
	int r = file_mkdirs(dir, e);

	if (r < 0)
		return r;
	/* A higher layer's file is there already and stays. */
	fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? 0 : err_errno(e, "create %s", to);
	return store_extract(l->tar, to, fd, e);
}

static int unpack_members(struct store_layer *l, const char *layer,
	const char *dir, struct err *e)
{
	enum { WANTED_MAX = 1000 };
	struct archive *a = l->tar;
	struct archive_entry *entry;
	int r, n = 0;

	while ((r = archive_read_next_header(a, &entry)) == ARCHIVE_OK) {
		const char *p = archive_entry_pathname(entry);
		_free_ char *to = NULL;

		if (!p || archive_entry_filetype(entry) != AE_IFREG)
			continue;
		if (!strncmp(p, "./", 2))
			p += 2;
		if (!is_wanted(p))
			continue;
		if (++n > WANTED_MAX)
			return err_set(e, -EFBIG, "%s: more than %d files",
				layer, WANTED_MAX);
		to = path_join(dir, p);
		r = write_member(l, to, e);
		if (r < 0)
			return r;
	}
	return r == ARCHIVE_EOF ? 0 : archive_err(a, layer, e);
}

static int unpack_layer(
	const struct store *s, const char *name, const char *dir, struct err *e)
{
	_free_ struct store_layer *l = xcalloc(1, sizeof(*l));
	int r = store_open_layer(s, name, l, e);

	if (r < 0)
		return r;
	r = unpack_members(l, name, dir, e);
	store_close_layer(l);
	return r;
}

/* Everything that vm.json names is there: 1. One that is wrong is an error,
 * for a layer below cannot mend it. */
static int is_complete(const char *dir, struct err *e)
{
	_free_ char *config = xasprintf("%s%s", dir, VM_CONFIG_PATH);
	_vm_config_ struct vm_config c = {0};
	int r;

	if (access(config, F_OK) < 0)
		return 0;
	r = vm_config_read(config, dir, &c, e);
	if (r < 0)
		return r;
	return (!c.kernel || access(c.kernel, R_OK) == 0) &&
	       (!c.disk || access(c.disk, R_OK) == 0);
}

static int unpack_layers(
	const struct store *s, json_t *manifest, const char *dir, struct err *e)
{
	json_t *layers = json_object_get(json_array_get(manifest, 0), "Layers");
	size_t i = json_array_size(layers);

	if (json_array_size(manifest) != 1 || i == 0 || i > STORE_LAYERS_MAX)
		return err_set(e, -EINVAL,
			"manifest.json does not tell the layers of one image");
	while (i-- > 0) {
		const char *name = json_string_value(json_array_get(layers, i));
		int r;

		if (!name)
			return err_set(e, -EINVAL, "manifest.json is damaged");
		r = unpack_layer(s, name, dir, e);
		if (r == 0)
			r = is_complete(dir, e);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return err_set(e, -EINVAL,
		"not an image of Slipway: %s or what it names is not in it",
		VM_CONFIG_PATH);
}

int unpack_image(const char *path, const char *dir, struct err *e)
{
	const struct store s = {path, 0};
	json_t *manifest = NULL;
	int r = read_manifest(&s, &manifest, e);

	if (r < 0)
		return r;
	r = unpack_layers(&s, manifest, dir, e);
	json_decref(manifest);
	return r;
}

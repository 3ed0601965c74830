/* SPDX-License-Identifier: Apache-2.0 */
/* The files of all layers as a plain tree. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "image/image.h"
#include "image/layer.h"
#include "image/place.h"

static int set_meta(const struct image_entry *entry, const char *path,
	uint64_t epoch, struct err *e)
{
	struct timespec t[2] = {{(time_t)epoch, 0}, {(time_t)epoch, 0}};

	if (geteuid() == 0 && lchown(path, entry->uid, entry->gid) < 0)
		return err_errno(e, "set the owner of %s", path);
	if (!entry->link && chmod(path, entry->mode) < 0)
		return err_errno(e, "set the mode of %s", path);
	if (utimensat(AT_FDCWD, path, t, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(e, "set the time of %s", path);
	return 0;
}

static int write_file(
	const struct image_entry *entry, const char *path, struct err *e)
{
	_close_ int out = -1, in = -1;
	struct stat st;
	int r;

	out = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return err_errno(e, "create %s", path);
	if (!entry->source)
		return file_write_all(out, entry->data, entry->len, e);
	in = open(entry->source, O_RDONLY | O_CLOEXEC);
	if (in < 0 || fstat(in, &st) < 0)
		return err_errno(e, "open %s", entry->source);
	if (ftruncate(out, st.st_size) < 0)
		return err_errno(e, "write %s", path);
	r = file_copy_range(in, 0, out, 0, (uint64_t)st.st_size, e);
	return r < 0 ? err_wrap(e, "copy %s", entry->source) : 0;
}

static int write_entry(const struct image_entry *entry, const char *dir,
	uint64_t epoch, struct err *e)
{
	_free_ char *path = path_join(dir, entry->path);
	struct stat st;
	int r;

	if (entry->dir) {
		if (mkdir(path, 0700) < 0 &&
			(errno != EEXIST || lstat(path, &st) < 0 ||
				!S_ISDIR(st.st_mode)))
			return err_errno(e, "create folder %s", path);
		return 0;
	}
	if (lstat(path, &st) == 0 && unlink(path) < 0)
		return err_errno(e, "replace %s", path);
	if (entry->link) {
		if (symlink(entry->link, path) < 0)
			return err_errno(e, "create link %s", path);
	} else {
		r = write_file(entry, path, e);
		if (r < 0)
			return r;
	}
	return set_meta(entry, path, epoch, e);
}

/* Folders get mode and time last, deepest first. */
static int finish_dirs(const struct image_layer *l, const char *dir,
	uint64_t epoch, struct err *e)
{
	for (size_t i = l->n; i-- > 0;) {
		_free_ char *path = NULL;
		int r;

		if (!l->v[i].dir)
			continue;
		path = path_join(dir, l->v[i].path);
		r = set_meta(&l->v[i], path, epoch, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Refuses a name that is not one of this image's. */
static int in_layers(const char *name, void *arg, struct err *e)
{
	const struct image_spec *s = arg;
	size_t len = strlen(name);

	for (size_t i = 0; i < s->nlayers; i++)
		for (size_t k = 0; k < s->layers[i]->n; k++) {
			const char *path = s->layers[i]->v[k].path;

			if (strncmp(path, name, len) == 0 &&
				(path[len] == 0 || path[len] == '/'))
				return 0;
		}
	return err_set(e, -EEXIST, "there is something else in it: %s", name);
}

static int fill(const struct image_spec *s, const char *dir, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < s->nlayers && r == 0; i++)
		for (size_t k = 0; k < s->layers[i]->n && r == 0; k++)
			r = write_entry(&s->layers[i]->v[k], dir, s->epoch, e);
	for (size_t i = 0; i < s->nlayers && r == 0; i++)
		r = finish_dirs(s->layers[i], dir, s->epoch, e);
	return r;
}

int image_write_rootfs(
	const struct image_spec *s, const char *path, struct err *e)
{
	struct image_spec copy = *s;
	_place_ struct place p = {0};
	int r = 0;

	for (size_t i = 0; i < s->nlayers && r == 0; i++)
		r = layer_settle(s->layers[i], e);
	if (r < 0)
		return r;
	r = place_open(&p, path, e);
	if (r == 0)
		r = place_each(&p, in_layers, &copy, e);
	if (r == 0)
		r = fill(s, p.dir, e);
	if (r == 0)
		r = place_commit(&p, e);
	return r < 0 ? err_wrap(e, "%s", path) : 0;
}

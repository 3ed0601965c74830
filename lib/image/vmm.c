/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor layer: mirrors QEMU and all it needs from the host. */
#include "image/vmm.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/proc.h"
#include "toolchain/dynamic.h"
#include "toolchain/elf.h"

/*
 * The image has no /etc/ld.so.cache, so that the dynamic loader looks only
 * into its own folders and those that a RUNPATH names.
 */
static const char *const library_dirs[] = {
	"/lib/x86_64-linux-gnu",
	"/usr/lib/x86_64-linux-gnu",
	"/lib/aarch64-linux-gnu",
	"/usr/lib/aarch64-linux-gnu",
	"/lib64",
	"/usr/lib64",
	"/lib",
	"/usr/lib",
};

static const char *const module_dirs[] = {
	"/usr/lib/x86_64-linux-gnu/qemu",
	"/usr/lib/aarch64-linux-gnu/qemu",
	"/usr/lib64/qemu",
	"/usr/lib/qemu",
};

static const char *const firmware_dirs[] = {
	"/usr/share/qemu",
	"/usr/share/seabios",
	"/usr/share/qemu-kvm",
};

static const char *const firmware[] = {
	"bios-256k.bin",
	"bios-microvm.bin",
	"qboot.rom",
	"pvh.bin",
	"linuxboot_dma.bin",
	"kvmvapic.bin",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The work: what is in the layer, and which ELF files wait to be read. */
struct mirror {
	struct image_layer *layer;
	struct strv seen;  /* host paths that are in the layer */
	struct strv files; /* ELF files, in the order they were met */
};

static int have(struct mirror *m, const char *path)
{
	for (size_t i = 0; i < m->seen.n; i++)
		if (strcmp(m->seen.v[i], path) == 0)
			return 1;
	strv_add(&m->seen, path);
	return 0;
}

static int add_regular(struct mirror *m, const char *path,
	const struct stat *st, struct err *e)
{
	if (!S_ISREG(st->st_mode))
		return err_set(e, -EINVAL, "%s: not a regular file", path);
	if (!have(m, path))
		image_add_file(m->layer, path + 1, path,
			st->st_mode & 0111 ? 0755 : 0644, 0, 0);
	return 0;
}

/* Adds a link as it is; *path becomes where it leads, with the rest. */
static int follow(struct mirror *m, char **path, const char *link,
	const char *rest, struct err *e)
{
	char target[PATH_MAX];
	_free_ char *dir = path_dir(link);
	ssize_t n = readlink(link, target, sizeof(target) - 1);
	char *next;

	if (n < 0)
		return err_errno(e, "read link %s", link);
	target[n] = 0;
	if (!have(m, link))
		image_add_link(m->layer, link + 1, target);
	next = target[0] == '/'
		       ? xasprintf("%s%s", target, rest)
		       : xasprintf("%s/%s%s", strcmp(dir, "/") ? dir : "",
				 target, rest);
	free(*path);
	*path = next;
	return 0;
}

/* Takes "." and ".." out of an absolute path whose links were followed up
 * to the first of them: the caller starts again after every link. */
static void normalize(char *path)
{
	_free_ char *copy = xstrdup(path);
	char *out = path, *save, *part;

	for (part = strtok_r(copy, "/", &save); part;
		part = strtok_r(NULL, "/", &save)) {
		if (strcmp(part, ".") == 0)
			continue;
		if (strcmp(part, "..") == 0) {
			while (out > path && *--out != '/')
				;
			continue;
		}
		*out++ = '/';
		out = stpcpy(out, part);
	}
	if (out == path)
		*out++ = '/';
	*out = 0;
}

/* One walk from the root to the first link or the end: 1 at a link. */
static int step(struct mirror *m, char **path, struct err *e)
{
	_free_ char *p = xstrdup(*path);
	struct stat st;

	for (char *at = p + 1;; at++) {
		at += strcspn(at, "/");
		char end = *at;

		*at = 0;
		if (lstat(p, &st) < 0)
			return err_errno(e, "open %s", p);
		if (S_ISLNK(st.st_mode)) {
			_free_ char *rest =
				end ? xasprintf("/%s", at + 1) : xstrdup("");
			int r = follow(m, path, p, rest, e);

			return r < 0 ? r : 1;
		}
		*at = end;
		if (!end)
			return add_regular(m, p, &st, e);
	}
}

/* The file at `path` with every link on the way to it, as on the host.
 * *real (may be NULL) is where it is in the end; caller frees. */
static int mirror_path(
	struct mirror *m, const char *path, char **real, struct err *e)
{
	_free_ char *p = xstrdup(path);
	int r = 1;

	for (int links = 0; r == 1 && links < 40; links++) {
		normalize(p);
		r = step(m, &p, e);
	}
	if (r == 1)
		return err_set(e, -ELOOP, "%s: too many links", path);
	if (r == 0 && real)
		*real = steal_ptr(p);
	return r;
}

/* The same for an ELF file, which is to be read later. */
static int mirror_elf(struct mirror *m, const char *path, struct err *e)
{
	_free_ char *real = NULL;
	int r = mirror_path(m, path, &real, e);

	if (r < 0 || !real)
		return r;
	for (size_t i = 0; i < m->files.n; i++)
		if (strcmp(m->files.v[i], real) == 0)
			return 0;
	strv_add(&m->files, real);
	return 0;
}

struct search {
	struct mirror *m;
	const char *file; /* whose libraries these are */
	struct strv dirs;
};

/* RUNPATH: folders separated by colons, $ORIGIN is the file's own. */
static int add_runpath(const char *s, void *arg, struct err *e)
{
	struct search *find = arg;
	_free_ char *copy = xstrdup(s), *origin = path_dir(find->file);
	char *save, *dir;

	(void)e;
	for (dir = strtok_r(copy, ":", &save); dir;
		dir = strtok_r(NULL, ":", &save)) {
		if (strncmp(dir, "$ORIGIN", 7) == 0)
			strv_addf(&find->dirs, "%s%s", origin, dir + 7);
		else if (strncmp(dir, "${ORIGIN}", 9) == 0)
			strv_addf(&find->dirs, "%s%s", origin, dir + 9);
		else if (dir[0] == '/')
			strv_add(&find->dirs, dir);
	}
	return 0;
}

static int add_library(const char *name, void *arg, struct err *e)
{
	struct search *find = arg;

	if (strchr(name, '/'))
		return mirror_elf(find->m, name, e);
	for (size_t i = 0; i < find->dirs.n + COUNT(library_dirs); i++) {
		const char *dir = i < find->dirs.n
					  ? find->dirs.v[i]
					  : library_dirs[i - find->dirs.n];
		_free_ char *path = path_join(dir, name);

		if (access(path, R_OK) == 0)
			return mirror_elf(find->m, path, e);
	}
	return err_set(e, -ENOENT, "%s: its library %s was not found",
		find->file, name);
}

static int add_needs(struct mirror *m, const char *path, struct err *e)
{
	_elf_ struct elf f = {0};
	struct search find = {.m = m, .file = path};
	_free_ char *interpreter = NULL;
	struct dynamic d;
	int r;

	r = elf_open(&f, path, e);
	if (r < 0)
		return r;
	interpreter = dynamic_interpreter(&f);
	if (interpreter)
		r = mirror_elf(m, interpreter, e);
	if (r == 0 && dynamic_open(&f, &d)) {
		dynamic_each(&d, DT_RPATH, add_runpath, &find, e);
		dynamic_each(&d, DT_RUNPATH, add_runpath, &find, e);
		r = dynamic_each(&d, DT_NEEDED, add_library, &find, e);
	}
	strv_free(&find.dirs);
	return r;
}

/* "accel-tcg-x86_64.so": dlopened by QEMU; older ones have it built in. */
static int add_module(struct mirror *m, const char *qemu, struct err *e)
{
	const char *arch = strrchr(path_base(qemu), '-');

	for (size_t i = 0; arch && i < COUNT(module_dirs); i++) {
		_free_ char *path =
			xasprintf("%s/accel-tcg%s.so", module_dirs[i], arch);

		if (access(path, R_OK) == 0)
			return mirror_elf(m, path, e);
	}
	return 0;
}

static int add_firmware(struct mirror *m, struct err *e)
{
	int r = 0;

	for (size_t d = 0; d < COUNT(firmware_dirs); d++)
		for (size_t i = 0; i < COUNT(firmware) && r == 0; i++) {
			_free_ char *path =
				path_join(firmware_dirs[d], firmware[i]);

			if (access(path, R_OK) == 0)
				r = mirror_path(m, path, NULL, e);
		}
	return r;
}

char *vmm_path(const char *qemu, struct err *e)
{
	char *path = proc_which(qemu);

	if (!path)
		err_set(e, -ENOENT, "%s is not installed", qemu);
	return path;
}

int vmm_add(struct image_layer *l, const char *qemu, struct err *e)
{
	struct mirror m = {.layer = l};
	_free_ char *path = vmm_path(qemu, e);
	int r;

	if (!path)
		return e->code;
	l->keep = 1;
	r = mirror_elf(&m, path, e);
	if (r == 0)
		r = add_module(&m, path, e);
	for (size_t i = 0; i < m.files.n && r == 0; i++)
		r = add_needs(&m, m.files.v[i], e);
	if (r == 0)
		r = add_firmware(&m, e);
	strv_free(&m.seen);
	strv_free(&m.files);
	return r < 0 ? err_wrap(e, "monitor layer") : 0;
}

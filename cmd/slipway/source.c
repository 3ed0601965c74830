/* SPDX-License-Identifier: Apache-2.0 */
/* Finds out what `slipway run` was given, and how to start it. */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/record.h"
#include "build/build.h"
#include "cmd.h"
#include "core/file.h"
#include "core/mem.h"
#include "disk/gpt.h"
#include "disk/pvh.h"
#include "open.h"
#include "toolchain/elf.h"
#include "ui.h"
#include "unpack.h"
#include "vm/record.h"

enum { HEAD_SIZE = 512 };

static int run_manifest(struct source *s, const char *path)
{
	_build_ struct build b = {.lock = -1};
	struct err e = {0};
	int status = open_build(&b, path, NULL);
	int r;

	if (status != EXIT_OK)
		return status;
	r = build_kernel(&b, &e);
	if (r == 0 && b.app->nfiles)
		r = build_disk(&b, &e);
	if (r == 0)
		r = build_config(&b, &e);
	if (r < 0) {
		err_wrap(&e, "build %s", b.app->name);
		return ui_fail(&e);
	}
	ui_finish();
	r = vm_config_read(b.config, NULL, &s->config, &e);
	return r < 0 ? ui_fail(&e) : 0;
}

static int run_folder(struct source *s, const char *path)
{
	_free_ char *config = path_join(path, "vm.json");
	_free_ char *layout = path_join(path, "oci-layout");
	_free_ char *rootfs = xasprintf("%s%s", path, VM_CONFIG_PATH);
	struct err e = {0};

	if (access(config, F_OK) == 0)
		return vm_config_read(config, NULL, &s->config, &e) < 0
			       ? ui_fail(&e)
			       : 0;
	if (access(rootfs, F_OK) == 0)
		return vm_config_read(rootfs, path, &s->config, &e) < 0
			       ? ui_fail(&e)
			       : 0;
	if (access(layout, F_OK) == 0) {
		ui_error("run %s: an OCI layout cannot be run; give it the "
			 "image as a tar file",
			path);
		return EXIT_USAGE;
	}
	return run_manifest(s, path);
}

/* Of this machine's programs an image may name no other than QEMU. */
static int check_qemu(const struct vm_config *c, struct err *e)
{
	if (!strncmp(path_base(c->qemu), "qemu-system-", 12))
		return 0;
	return err_set(
		e, -EINVAL, "%s: \"%s\" is no QEMU", VM_CONFIG_PATH, c->qemu);
}

static int run_image(struct source *s, const char *path)
{
	_free_ char *config = NULL;
	struct err e = {0};
	int r;

	s->tmp = file_temp_dir("slipway-run", &e);
	if (!s->tmp)
		return ui_fail(&e);
	r = unpack_image(path, s->tmp, &e);
	if (r == 0) {
		config = xasprintf("%s%s", s->tmp, VM_CONFIG_PATH);
		r = vm_config_read(config, s->tmp, &s->config, &e);
	}
	if (r == 0)
		r = check_qemu(&s->config, &e);
	if (r < 0) {
		err_wrap(&e, "run %s", path);
		return ui_fail(&e);
	}
	return 0;
}

/* Takes the program's own arguments out of a kernel's record. */
static int take_item(
	uint32_t type, const void *p, size_t n, void *arg, struct err *e)
{
	struct vm_config *c = arg;
	char *text = xstrndup(p, n);

	(void)e;
	if (type == RECORD_ARG && !c->name) {
		c->name = text;
	} else if (type == RECORD_ARG) {
		strv_take(&c->args, text);
	} else if (type == RECORD_ENV) {
		strv_take(&c->env, text);
	} else if (type == RECORD_CWD) {
		free(c->workdir);
		c->workdir = text;
	} else if (type == RECORD_HOSTNAME) {
		free(c->hostname);
		c->hostname = text;
	} else {
		free(text);
	}
	return 0;
}

static void take_record(struct vm_config *c, const struct elf *f)
{
	struct err ignored;
	Elf64_Shdr sh;
	const void *rec;
	size_t len;

	if (elf_find_section(f, ".keel.record", &sh) < 0)
		return;
	rec = elf_section_data(f, &sh, &len);
	if (rec)
		record_walk(rec, len, take_item, c, &ignored);
}

static void start_config(struct source *s, const char *machine)
{
	vm_config_init(&s->config);
	free(s->config.machine);
	s->config.machine = xstrdup(machine);
}

static int run_kernel(struct source *s, const char *path)
{
	_elf_ struct elf f = {0};
	struct pvh_info pvh;
	struct err e = {0};

	if (elf_open(&f, path, &e) < 0 || pvh_read(path, NULL, &pvh, &e) < 0) {
		err_wrap(&e, "run");
		return ui_fail(&e);
	}
	start_config(s, "microvm");
	take_record(&s->config, &f);
	s->config.kernel = xstrdup(path);
	if (!s->config.name)
		s->config.name = xstrdup(path_base(path));
	return 0;
}

/* The kernel stands as it is in the boot partition, behind the loader. */
static int find_kernel(struct source *s, int fd, size_t size)
{
	const size_t step = GPT_SECTOR;
	size_t at, end;
	struct err ignored;
	struct gpt g;
	const unsigned char *p;
	int found = 0;

	if (gpt_read(fd, size, &g, &ignored) < 0 || g.nparts == 0)
		return 0;
	p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return 0;
	at = (size_t)g.part[0].first_lba * step;
	end = (size_t)(g.part[0].last_lba + 1) * step;
	for (; !found && at < end && at + SELFMAG <= size; at += step) {
		_elf_ struct elf f = {0};

		if (memcmp(p + at, ELFMAG, SELFMAG) != 0 ||
			elf_init(&f, p + at, end - at, "kernel", &ignored) < 0)
			continue;
		take_record(&s->config, &f);
		found = 1;
	}
	munmap((void *)(uintptr_t)p, size);
	return found;
}

static int run_disk(struct source *s, const char *path, const char *format)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	start_config(s, "pc");
	s->disk_format = format;
	s->config.disk = xstrdup(path);
	s->foreign = fd < 0 || fstat(fd, &st) < 0 ||
		     strcmp(format, "raw") != 0 ||
		     !find_kernel(s, fd, (size_t)st.st_size);
	if (!s->config.name)
		s->config.name = xstrdup(path_base(path));
	return 0;
}

/* QEMU would open the other file that it names, whichever that is: of the
 * header (docs/interop/qcow2 of QEMU) the backing file's place, and the bit
 * for an external data file. */
static int run_qcow2(
	struct source *s, const char *path, const unsigned char *head)
{
	enum { VERSION = 7, BACKING = 8, INCOMPATIBLE = 79, DATA_FILE = 4 };
	static const unsigned char none[8];

	if (memcmp(head + BACKING, none, sizeof(none)) != 0 ||
		(head[VERSION] >= 3 && head[INCOMPATIBLE] & DATA_FILE)) {
		ui_error("run %s: a qcow2 disk that stands on another file; "
			 "make it whole with qemu-img convert",
			path);
		return EXIT_FAILED;
	}
	return run_disk(s, path, "qcow2");
}

static int is_manifest(const unsigned char *head, size_t n)
{
	size_t i = 0;

	while (i < n && head[i] && strchr(" \t\r\n", head[i]))
		i++;
	return i < n && head[i] == '{';
}

static int run_file(struct source *s, const char *path)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char head[HEAD_SIZE] = {0};
	ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof(head));

	if (n < 0) {
		ui_error("run %s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	if (!memcmp(head, "\177ELF", 4))
		return run_kernel(s, path);
	if (!memcmp(head, "QFI\373", 4))
		return run_qcow2(s, path, head);
	if (!memcmp(head + 257, "ustar", 5) || !memcmp(head, "\37\213", 2))
		return run_image(s, path);
	if (head[510] == 0x55 && head[511] == 0xaa)
		return run_disk(s, path, "raw");
	if (is_manifest(head, (size_t)n))
		return run_manifest(s, path);
	ui_error("run %s: not a manifest, an image (tar), a disk (raw, qcow2) "
		 "or a kernel (ELF)",
		path);
	return EXIT_USAGE;
}

int source_open(struct source *s, const char *path)
{
	struct stat st;

	memset(s, 0, sizeof(*s));
	if (stat(path, &st) < 0) {
		ui_error("run %s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	return S_ISDIR(st.st_mode) ? run_folder(s, path) : run_file(s, path);
}

void source_close(struct source *s)
{
	struct err ignored;

	vm_config_free(&s->config);
	if (s->tmp)
		file_remove_tree(s->tmp, &ignored);
	free(s->tmp);
	s->tmp = NULL;
}

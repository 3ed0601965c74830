/* SPDX-License-Identifier: Apache-2.0 */
/* A manifest: its program, and what of files, ports and memory is missing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check/check.h"
#include "core/file.h"
#include "core/mem.h"
#include "inspect/explain.h"
#include "toolchain/explain.h"
#include "vm/fit.h"

enum { RECORD_MAX = 256 << 20, PORT_PRIVILEGED = 1024 };

static int has_symbol(json_t *record, const char *name)
{
	struct err ignored;
	json_t *why = explain_why(record, name, &ignored);

	json_decref(why);
	return why != NULL;
}

static void check_ports(const struct app *a, json_t *record, struct findings *f)
{
	int listens = has_symbol(record, "keel_sys_listen");
	int binds = has_symbol(record, "keel_sys_bind");

	if (listens && !a->nports)
		findings_add(f, FINDING_WARNING, "ports", "ports",
			"add \"ports\" to the manifest if it is a server",
			"the program can listen, but the manifest declares no "
			"ports: nobody outside reaches it");
	for (size_t i = 0; i < a->nports; i++) {
		const struct app_port *p = &a->ports[i];
		_free_ char *name =
			xasprintf("%u/%s", p->port, p->udp ? "udp" : "tcp");

		if (p->udp ? !binds : !listens)
			findings_add(f, FINDING_ERROR, "ports", name,
				"take it out of \"ports\", or see why the "
				"program has no server",
				"port %s is declared, but the program never "
				"calls %s",
				name, p->udp ? "bind" : "listen");
		else if (p->port < PORT_PRIVILEGED)
			findings_add(f, FINDING_WARNING, "ports", name,
				"nothing under Docker; elsewhere let the "
				"container's user bind low ports, or take one "
				"from 1024 on",
				"port %s is below 1024: some engines keep "
				"these from containers that are not root",
				name);
	}
}

/* Made at run time, so nobody has to bring them. */
static int is_made(const char *path)
{
	static const char *const made[] = {"/dev", "/proc", "/tmp",
		"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"};

	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		size_t n = strlen(made[i]);

		if (!strncmp(path, made[i], n) && (!path[n] || path[n] == '/'))
			return 1;
	}
	return 0;
}

int check_is_zone(const char *tz)
{
	return *tz && strcmp(tz, "UTC") != 0 && !strpbrk(tz, "0123456789,<");
}

static void check_zone(const struct app *a, json_t *record, struct findings *f)
{
	const char *tz = check_env(a, "TZ");
	_free_ char *path = NULL;

	if (!tz || !check_is_zone(tz) || !has_symbol(record, "__tz.o"))
		return;
	if (*tz == ':')
		tz++;
	path = *tz == '/' ? xstrdup(tz)
			  : xasprintf("/usr/share/zoneinfo/%s", tz);
	if (!check_has_file(a, path))
		findings_add(f, FINDING_WARNING, "files", path,
			"add it to \"files\", or write TZ as a rule such as "
			"CET-1CEST,M3.5.0,M10.5.0/3",
			"TZ names the zone %s, but its file is not there: "
			"times are UTC",
			tz);
}

static void check_locale(const struct app *a, struct findings *f)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < 3; i++) {
		const char *v = check_env(a, names[i]);

		if (v && *v && strcmp(v, "C") != 0 && strcmp(v, "POSIX") != 0 &&
			strcasecmp(v, "C.UTF-8") != 0)
			findings_add(f, FINDING_WARNING, "library", names[i],
				"set it to C.UTF-8",
				"%s is %s, but the C library knows the locales "
				"C and C.UTF-8 only",
				names[i], v);
	}
}

static void check_paths(const struct app *a, struct findings *f)
{
	for (size_t i = 0; i < a->args.n; i++) {
		const char *arg = a->args.v[i];

		if (*arg == '/' && arg[1] && !is_made(arg) &&
			!check_has_file(a, arg))
			findings_add(f, FINDING_WARNING, "files", arg,
				"add it to \"files\", unless the program makes "
				"it",
				"the argument %s names a file that is not "
				"there",
				arg);
	}
	if (strcmp(a->workdir, "/") != 0 && !is_made(a->workdir) &&
		!check_has_file(a, a->workdir))
		findings_add(f, FINDING_WARNING, "files", a->workdir,
			"add it to \"files\" or \"volumes\"",
			"the working folder %s is not there", a->workdir);
}

static void check_memory(const struct build *b, struct findings *f)
{
	uint64_t kernel = 0, rootfs = 0, need;
	_elf_ struct elf elf = {0};
	struct err e = {0};
	struct stat st;
	Elf64_Phdr ph;

	if (vm_kernel_fits(b->kernel, b->app->memory, &e) < 0) {
		findings_add(f, FINDING_ERROR, "memory", "memory",
			"raise \"memory\" of the manifest", "%s", e.msg);
		return;
	}
	if (elf_open(&elf, b->kernel, &e) < 0)
		return;
	for (size_t i = 0; elf_phdr(&elf, i, &ph) == 0; i++)
		if (ph.p_type == PT_LOAD)
			kernel += ph.p_memsz;
	if (b->app->nfiles && stat(b->rootfs, &st) == 0)
		rootfs = (uint64_t)st.st_size;
	/* On Linux the least is with the kernel, and files stay on the disk. */
	need = b->target->memory_min;
	if (!strcmp(b->target->base, "keel"))
		need += kernel + rootfs;
	if (need > b->app->memory)
		findings_add(f, FINDING_WARNING, "memory", "memory",
			"raise \"memory\" of the manifest",
			"%ju KiB are little for a kernel of %ju KiB, files of "
			"%ju KiB and the %ju KiB that the target needs",
			(uintmax_t)b->app->memory / 1024,
			(uintmax_t)kernel / 1024, (uintmax_t)rootfs / 1024,
			(uintmax_t)b->target->memory_min / 1024);
}

/* What the link onto keel told. */
static int check_link(struct build *b, struct findings *f, struct err *e)
{
	_free_ char *path = path_join(b->dir, EXPLAIN_FILE);
	const struct check_files files = {b->app};
	_buf_ struct buf text = {0};
	json_t *record;
	int r = file_read(path, RECORD_MAX, &text, e);

	if (r < 0)
		return r;
	record = explain_parse(text.data ? text.data : "", text.len, e);
	if (!record)
		return err_wrap(e, "%s", path);
	check_record(record, &files, f);
	check_ports(b->app, record, f);
	check_zone(b->app, record, f);
	json_decref(record);
	return 0;
}

int check_app(struct build *b, struct findings *f, struct err *e)
{
	int in_root = b->app->program || b->app->image;
	int whole, r = check_collected(b, f, &whole, e);

	if (r < 0 || !whole)
		return r;
	r = build_kernel(b, e);
	if (r == 0)
		r = build_rootfs(b, e);
	/* Linux has all calls, and no link of ours tells which are made. */
	if (r == 0 && !strcmp(b->target->base, "keel")) {
		r = check_link(b, f, e);
		if (r == 0)
			check_advise(f);
	} else if (r == 0 && !in_root) {
		r = check_advise_other(b->program, f, e);
	}
	if (r < 0)
		return r;
	if (in_root)
		check_settings(b->app, f);
	else
		check_locale(b->app, f);
	check_paths(b->app, f);
	check_memory(b, f);
	return 0;
}

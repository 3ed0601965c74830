/* SPDX-License-Identifier: Apache-2.0 */
/* A program alone: linked by the compiler wrappers, or any other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/check.h"
#include "core/file.h"
#include "core/mem.h"
#include "disk/pvh.h"
#include "inspect/explain.h"
#include "inspect/inspect.h"
#include "manifest/target.h"
#include "toolchain/explain.h"
#include "toolchain/note.h"
#include "toolchain/relink.h"

enum { RECORD_MAX = 256 << 20 };

/* The base whose calls a foreign program is held against. */
#define TARGET_DEFAULT "x86_64-keel"

static int link_again(
	const char *path, const char *dir, json_t **record, struct err *e)
{
	_free_ char *data = file_data_dir(e);
	_free_ char *kernel = path_join(dir, "kernel");
	_free_ char *explain = path_join(dir, EXPLAIN_FILE);
	struct relink_opts o = {
		.output = kernel, .explain = explain, .of_others = 1};
	_free_ char *sysroot = NULL;
	_buf_ struct buf text = {0};
	struct diags diags = {0};
	struct target *t;
	int r;

	if (!data)
		return e->code;
	sysroot = xasprintf("%s/sysroot/%s", data, TARGET_DEFAULT);
	t = target_read(data, TARGET_DEFAULT, &diags);
	diags_free(&diags);
	if (!t)
		return err_set(
			e, -ENOENT, "there is no target %s", TARGET_DEFAULT);
	r = relink(path, t, sysroot, &o, NULL, e);
	if (r == 0)
		r = file_read(explain, RECORD_MAX, &text, e);
	if (r == 0) {
		*record = explain_parse(text.data, text.len, e);
		r = *record ? 0 : e->code;
	}
	target_free(t);
	return r;
}

/* One that TARGET-cc linked: its record as a kernel of keel tells all, also
 * of what it would be there. */
static int check_linked(const char *path, struct findings *f, struct err *e)
{
	_free_ char *dir = file_temp_dir("slipway-check", e);
	json_t *record = NULL;
	struct err ignored;
	int r = dir ? link_again(path, dir, &record, e) : e->code;

	if (r == 0)
		check_record(record, NULL, f);
	json_decref(record);
	if (dir)
		file_remove_tree(dir, &ignored);
	return r;
}

/* --- programs of others ----------------------------------------------------*/

struct scan {
	const struct calls *calls;
	struct findings *f;
};

/* Which no thread needs. */
static int is_of_processes(const char *call)
{
	return !strcmp(call, "fork") || !strcmp(call, "vfork") ||
	       !strcmp(call, "execve");
}

static void see_call(void *arg, long number, const char *function)
{
	const struct scan *s = arg;
	const struct call *c =
		number < 0 ? NULL : calls_number(s->calls, number);

	if (!c || strcmp(c->status, "absent") != 0)
		return;
	check_call(c->name, function, "", "keel", s->f);
	if (!*function && is_of_processes(c->name))
		findings_because(s->f, "its code calls %s", c->name);
}

static void see_symbols(const struct elf *f, struct findings *out)
{
	struct elf_symbols it = {0};
	const char *name;
	Elf64_Sym sym;

	while (elf_next_symbol(f, &it, &sym, &name))
		if (ELF64_ST_TYPE(sym.st_info) == STT_FUNC &&
			sym.st_shndx != SHN_UNDEF)
			check_symbol(name, "", NULL, out);
}

/* A string of the table of dynamic symbols. */
static int dynamic_strings(const struct elf *f, Elf64_Shdr *dynamic,
	const char **names, size_t *len)
{
	Elf64_Shdr strings;

	if (elf_find_section(f, ".dynamic", dynamic) < 0 ||
		elf_section(f, dynamic->sh_link, &strings) < 0)
		return -ENOENT;
	*names = elf_section_data(f, &strings, len);
	return *names ? 0 : -ENOENT;
}

/* Parts of the C library, which every program has here. */
static int is_libc(const char *name)
{
	static const char *const own[] = {"libc.so", "libm.so", "libpthread.so",
		"libdl.so", "librt.so", "libcrypt.so", "libutil.so",
		"libresolv.so", "libc.musl", "ld-linux", "ld-musl", "libgcc_s"};

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (!strncmp(name, own[i], strlen(own[i])))
			return 1;
	return 0;
}

static void see_libraries(const struct elf *f, struct findings *out)
{
	Elf64_Shdr dynamic, syms;
	const char *names;
	const unsigned char *p;
	size_t names_len, len, i;

	if (dynamic_strings(f, &dynamic, &names, &names_len) < 0)
		return;
	p = elf_section_data(f, &dynamic, &len);
	for (i = 0; p && i + sizeof(Elf64_Dyn) <= len; i += sizeof(Elf64_Dyn)) {
		Elf64_Dyn d;
		const char *name;

		memcpy(&d, p + i, sizeof(d));
		name = elf_string(names, names_len, d.d_un.d_val);
		if (d.d_tag == DT_NEEDED && !is_libc(name) &&
			findings_add(out, FINDING_ERROR, "libraries", name,
				"build it for the target with x86_64-keel-cc, "
				"as an archive (.a)",
				"%s is a shared library, which cannot be "
				"loaded",
				name))
			findings_because(out, "it loads %s", name);
	}
	if (elf_find_section(f, ".dynsym", &syms) < 0)
		return;
	p = elf_section_data(f, &syms, &len);
	for (i = 0; p && i + sizeof(Elf64_Sym) <= len; i += sizeof(Elf64_Sym)) {
		Elf64_Sym sym;

		memcpy(&sym, p + i, sizeof(sym));
		if (sym.st_shndx == SHN_UNDEF)
			check_symbol(elf_string(names, names_len, sym.st_name),
				"", NULL, out);
	}
}

static int is_dynamic(const struct elf *f)
{
	Elf64_Phdr ph;

	for (size_t i = 0; elf_phdr(f, i, &ph) == 0; i++)
		if (ph.p_type == PT_INTERP)
			return 1;
	return 0;
}

static int check_foreign(const char *path, const struct elf *f,
	struct findings *out, struct err *e)
{
	_calls_ struct calls calls = {0};
	_free_ char *data = file_data_dir(e);
	_free_ char *sysroot = NULL;
	struct scan s = {&calls, out};
	int r;

	if (!data)
		return e->code;
	if (f->eh.e_machine != EM_X86_64) {
		findings_add(out, FINDING_ERROR, "program", "architecture",
			"compile it with x86_64-keel-cc",
			"the program is not for x86_64");
		out->hopeless = 1;
		return 0;
	}
	sysroot = xasprintf("%s/sysroot/%s", data, TARGET_DEFAULT);
	r = calls_read(&calls, sysroot, e);
	if (r < 0)
		return r;
	if (is_dynamic(f)) {
		if (findings_add(out, FINDING_ERROR, "program", "interpreter",
			    "build it with CC=x86_64-keel-cc",
			    "the program is linked dynamically, and there is "
			    "no dynamic loader"))
			findings_because(out, "it is linked dynamically");
		see_libraries(f, out);
		return check_installed(path, out, e);
	}
	findings_add(out, FINDING_WARNING, "program", "link",
		"build it with CC=x86_64-keel-cc and check that one",
		"the program was not linked by x86_64-keel-cc: only its "
		"machine code was searched, and it has to be linked again");
	see_symbols(f, out);
	scan_calls(f, see_call, &s);
	return 0;
}

/* Images, disks and kernels, by the record of the link. */
static int check_made(const char *path, struct findings *f, struct err *e)
{
	json_t *o = inspect_file(path, INSPECT_EXPLAIN, e);
	json_t *record = json_object_get(o, "explain");
	int r = 0;

	if (!o)
		return e->code;
	if (record)
		check_record(record, NULL, f);
	else
		r = err_set(e, -ENOENT,
			"%s: neither a program nor a manifest, and the record "
			"of a link is not in it",
			path);
	json_decref(o);
	return r;
}

static int look_at(const char *path, struct findings *f, struct err *e)
{
	_elf_ struct elf elf = {0};
	Elf64_Shdr sh;
	struct err ignored;
	struct pvh_info pvh;

	if (access(path, R_OK) < 0)
		return err_errno(e, "open %s", path);
	if (elf_open(&elf, path, &ignored) < 0)
		return check_made(path, f, e);
	if (pvh_parse(elf.data, elf.len, &pvh, &ignored) == 0)
		return check_made(path, f, e);
	if (elf_find_section(&elf, NOTE_SECTION, &sh) == 0)
		return check_linked(path, f, e);
	return check_foreign(path, &elf, f, e);
}

int check_program(const char *path, struct findings *f, struct err *e)
{
	int r = look_at(path, f, e);

	if (r == 0)
		check_advise(f);
	return r;
}

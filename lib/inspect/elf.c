/* SPDX-License-Identifier: Apache-2.0 */
/* A kernel or a program: segments, notes, and where its bytes go. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "disk/pvh.h"
#include "inspect/elfsize.h"
#include "inspect/explain.h"
#include "inspect/inspect.h"
#include "toolchain/elf.h"
#include "toolchain/note.h"

enum { SYMBOLS_MAX = 30 };

static void set_hex(json_t *o, const char *key, uint64_t v)
{
	json_object_set_new(o, key, json_sprintf("0x%" PRIx64, v));
}

static void set_number(json_t *o, const char *key, uint64_t v)
{
	json_object_set_new(o, key, json_integer((json_int_t)v));
}

static void show_digest(json_t *o, const struct elf *f, uint64_t at,
	uint64_t size, unsigned flags)
{
	if (flags & INSPECT_DIGESTS && at <= f->len && size <= f->len - at)
		inspect_digest(o, "digest", f->data + at, size);
}

static json_t *show_segments(const struct elf *f, unsigned flags)
{
	json_t *list = json_array();
	Elf64_Phdr ph;

	for (size_t i = 0; i < f->nphdrs; i++) {
		char prot[4] = "---";
		json_t *o;

		if (elf_phdr(f, i, &ph) < 0 || ph.p_type != PT_LOAD)
			continue;
		if (ph.p_flags & PF_R)
			prot[0] = 'r';
		if (ph.p_flags & PF_W)
			prot[1] = 'w';
		if (ph.p_flags & PF_X)
			prot[2] = 'x';
		o = json_object();
		json_object_set_new(o, "prot", json_string(prot));
		set_hex(o, "pa", ph.p_paddr);
		set_hex(o, "va", ph.p_vaddr);
		set_number(o, "file_size", ph.p_filesz);
		set_number(o, "memory_size", ph.p_memsz);
		show_digest(o, f, ph.p_offset, ph.p_filesz, flags);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *show_sections(const struct elf *f, unsigned flags)
{
	json_t *list = json_array();
	Elf64_Shdr sh;

	for (size_t i = 1; i < f->nsections; i++) {
		const char *name;
		json_t *o;

		if (elf_section(f, i, &sh) < 0 || sh.sh_size == 0)
			continue;
		name = elf_section_name(f, &sh);
		o = json_object();
		json_object_set_new(
			o, "name", inspect_string(name, strlen(name)));
		set_number(o, "size", sh.sh_size);
		json_object_set_new(
			o, "in_file", json_boolean(sh.sh_type != SHT_NOBITS));
		json_object_set_new(
			o, "loaded", json_boolean(sh.sh_flags & SHF_ALLOC));
		if (sh.sh_type != SHT_NOBITS)
			show_digest(o, f, sh.sh_offset, sh.sh_size, flags);
		json_array_append_new(list, o);
	}
	return list;
}

struct symbol {
	const char *name;
	uint64_t size;
};

static int compare_symbols(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* The largest functions and objects. */
static json_t *show_symbols(const struct elf *f)
{
	struct elf_symbols it = {0};
	struct symbol *v = NULL;
	size_t n = 0, cap = 0;
	json_t *list = json_array();
	const char *name;
	Elf64_Sym sym;

	while (elf_next_symbol(f, &it, &sym, &name) == 1) {
		unsigned type = ELF64_ST_TYPE(sym.st_info);

		if ((type != STT_FUNC && type != STT_OBJECT) ||
			sym.st_size == 0 || sym.st_shndx == SHN_UNDEF)
			continue;
		if (n == cap) {
			cap = cap ? 2 * cap : 256;
			v = xreallocarray(v, cap, sizeof(*v));
		}
		v[n++] = (struct symbol){name, sym.st_size};
	}
	if (n)
		qsort(v, n, sizeof(*v), compare_symbols);
	for (size_t i = 0; i < n && i < SYMBOLS_MAX; i++) {
		json_t *o = json_object();

		json_object_set_new(o, "name",
			inspect_string(v[i].name, strlen(v[i].name)));
		set_number(o, "size", v[i].size);
		json_array_append_new(list, o);
	}
	free(v);
	return list;
}

/* What the compiler wrapper noted about the link. */
static void show_note(json_t *o, const struct elf *f, const char *path)
{
	_note_ struct note note = {0};
	struct err ignored;
	json_t *args = json_array(), *inputs = json_array();

	if (note_read(f, path, &note, &ignored) == 0) {
		json_object_set_new(o, "target", json_string(note.target));
		json_object_set_new(o, "linked_in", json_string(note.cwd));
		for (size_t i = 0; i < note.args.n; i++)
			json_array_append_new(
				args, inspect_string(note.args.v[i],
					      strlen(note.args.v[i])));
		for (size_t i = 0; i < note.ninputs; i++) {
			json_t *in = json_object();

			json_object_set_new(in, "path",
				inspect_string(note.inputs[i].path,
					strlen(note.inputs[i].path)));
			set_number(in, "size", note.inputs[i].size);
			json_object_set_new(in, "digest",
				json_sprintf(
					"sha256:%s", note.inputs[i].sha256.s));
			json_array_append_new(inputs, in);
		}
		json_object_set(o, "link_args", args);
		json_object_set(o, "link_inputs", inputs);
	}
	json_decref(args);
	json_decref(inputs);
}

static uint64_t memory_size(const struct elf *f)
{
	uint64_t size = 0;
	Elf64_Phdr ph;

	for (size_t i = 0; i < f->nphdrs; i++)
		if (elf_phdr(f, i, &ph) == 0 && ph.p_type == PT_LOAD)
			size += ph.p_memsz;
	return size;
}

/* What only the link knew, and whose the bytes are. */
static void explain(
	json_t *o, const struct elf *f, const char *path, unsigned flags)
{
	json_t *record = NULL;

	if (!(flags & (INSPECT_SIZE | INSPECT_EXPLAIN)))
		return;
	inspect_digest(o, "digest", f->data, f->len);
	if (*path)
		record = explain_beside(
			path, json_string_value(json_object_get(o, "digest")));
	if (flags & INSPECT_SIZE)
		elf_set_components(o, f, record);
	if (flags & INSPECT_EXPLAIN && record)
		json_object_set(o, "explain", record);
	json_decref(record);
}

json_t *inspect_elf(const char *path, const unsigned char *p, size_t len,
	unsigned flags, struct err *e)
{
	_elf_ struct elf f = {0};
	struct pvh_info pvh;
	struct err ignored;
	json_t *o;

	if (elf_init(&f, p, len, "ELF file", e) < 0)
		return NULL;
	o = json_object();
	if (pvh_parse(p, len, &pvh, &ignored) == 0) {
		json_object_set_new(o, "type", json_string("kernel"));
		json_object_set_new(o, "boot", json_pack("[s]", "PVH"));
		set_hex(o, "pvh_entry", pvh.entry);
		set_hex(o, "low", pvh.low);
		set_hex(o, "high", pvh.high);
	} else {
		json_object_set_new(o, "type", json_string("program"));
		show_note(o, &f, path);
	}
	json_object_set_new(o, "architecture",
		json_string(f.eh.e_machine == EM_X86_64    ? "x86_64"
			    : f.eh.e_machine == EM_AARCH64 ? "aarch64"
							   : "other"));
	set_number(o, "size", len);
	set_number(o, "memory", memory_size(&f));
	json_object_set_new(o, "segments", show_segments(&f, flags));
	if (flags & (INSPECT_SIZE | INSPECT_DIGESTS))
		json_object_set_new(o, "sections", show_sections(&f, flags));
	explain(o, &f, path, flags);
	if (flags & INSPECT_SIZE)
		json_object_set_new(o, "largest", show_symbols(&f));
	return o;
}

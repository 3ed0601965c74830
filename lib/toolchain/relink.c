/* SPDX-License-Identifier: Apache-2.0 */
/* Links the inputs of a host program again, onto the base: the kernel. */
#include "toolchain/relink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/digest.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/proc.h"
#include "toolchain/absent.h"
#include "toolchain/driver.h"
#include "toolchain/elf.h"
#include "toolchain/explain.h"
#include "toolchain/ldargs.h"
#include "toolchain/ldmap.h"
#include "toolchain/note.h"
#include "toolchain/objfile.h"
#include "toolchain/pack.h"
#include "toolchain/shrink.h"
#include "toolchain/symbols.h"

struct job {
	const char *program;
	const struct target *target;
	char *sysroot; /* absolute */
	const struct relink_opts *opts;
	struct elf elf;
	struct note note;
	char *dir;
	struct strv args;   /* of the note: filtered, objects unpacked */
	char *record;       /* object, or NULL */
	char *map;          /* of the first link */
	char *last_map;     /* of the second */
	char *first, *last; /* kernels */
};

static void job_free(struct job *j)
{
	struct err ignored;

	if (j->dir)
		file_remove_tree(j->dir, &ignored);
	elf_close(&j->elf);
	note_free(&j->note);
	strv_free(&j->args);
	free(j->sysroot);
	free(j->dir);
	free(j->record);
	free(j->map);
	free(j->last_map);
	free(j->first);
	free(j->last);
}

void relink_report_free(struct relink_report *r)
{
	size_t i;

	for (i = 0; i < r->nabsent; i++)
		absent_free(&r->absent[i]);
	free(r->absent);
	strv_free(&r->inputs);
	*r = (struct relink_report){0};
}

/* Inputs are as they were, or the kernel is not the tested program. */
static int check_inputs(const struct job *j, struct err *e)
{
	size_t i;

	for (i = 0; i < j->note.ninputs; i++) {
		const struct note_input *in = &j->note.inputs[i];
		struct digest_hex sha;
		struct stat st;

		if (in->path[0] == '{')
			continue;
		if (stat(in->path, &st) < 0)
			return err_errno(e,
				"%s: was linked into %s and is needed again",
				in->path, j->program);
		if (digest_file(in->path, &sha, e) < 0)
			return e->code;
		if (in->size != (uint64_t)st.st_size ||
			strcmp(sha.s, in->sha256.s) != 0)
			return err_set(e, -ESTALE,
				"%s: changed since %s was linked; link the "
				"program again",
				in->path, j->program);
	}
	return 0;
}

/* Writes object N that the program carries to a file; its path. */
static char *unpack(const struct job *j, size_t n, struct err *e)
{
	_free_ char *dir = NULL;
	char *path;
	const char *name = n < j->note.objects.n ? j->note.objects.v[n] : NULL;
	const void *data;
	size_t len;

	data = note_object(&j->elf, n, &len);
	if (!data || !name || !*name || strchr(name, '/')) {
		err_set(e, -EINVAL, "%s: object %zu is not in the note",
			j->program, n);
		return NULL;
	}
	dir = xasprintf("%s/%zu", j->dir, n);
	path = path_join(dir, name);
	if (file_mkdirs(dir, e) < 0 || file_put(path, data, len, 0644, e) < 0) {
		free(path);
		return NULL;
	}
	return path;
}

static int make_args(struct job *j, struct err *e)
{
	_strv_ struct strv v = {0};
	size_t i;
	int r;

	for (i = 0; i < j->note.args.n; i++) {
		char *end, *path;
		unsigned long n;

		if (j->note.args.v[i][0] != '{') {
			strv_add(&v, j->note.args.v[i]);
			continue;
		}
		n = strtoul(j->note.args.v[i] + 1, &end, 10);
		if (strcmp(end, "}") != 0)
			return err_set(
				e, -EINVAL, "%s: broken note", j->program);
		path = unpack(j, n, e);
		if (!path)
			return e->code;
		strv_take(&v, path);
	}
	r = ldargs_filter(&v, &j->args, e);
	return r < 0 ? err_wrap(e, "%s", j->program) : 0;
}

/* An object with one section of data, NULL on error. */
static char *make_object(const struct job *j, const char *file,
	const char *section, const void *data, size_t len, struct err *e)
{
	const struct objfile_section s = {
		section, SHT_PROGBITS, SHF_ALLOC, 8, data, len};
	char *path = path_join(j->dir, file);

	if (objfile_write(path, &s, 1, e) < 0) {
		free(path);
		return NULL;
	}
	return path;
}

static void add_lib(const struct job *j, struct strv *argv, const char *name)
{
	strv_addf(argv, "%s/lib/%s", j->sysroot, name);
}

/*
 * The base's libraries stand in one group with the C library, except the
 * last, which has what no other has; it refers to the base in turn.
 */
static void add_libs(const struct job *j, struct strv *argv)
{
	const struct strv *base = &j->target->base_libs;
	size_t i, last = base->n ? base->n - 1 : 0;

	strv_add(argv, "-Wl,--start-group");
	add_lib(j, argv, "libc.a");
	strv_add(argv, "-lgcc");
	strv_add(argv, "-lgcc_eh");
	for (i = 0; i < last; i++)
		add_lib(j, argv, base->v[i]);
	strv_add(argv, "-Wl,--end-group");
	for (i = last; i < base->n; i++)
		add_lib(j, argv, base->v[i]);
	strv_add(argv, "-Wl,--start-group");
	for (i = 0; i < last; i++)
		add_lib(j, argv, base->v[i]);
	strv_add(argv, "-Wl,--end-group");
}

/*
 * What engines say on the command line (kern/cmdline.h) is for programs that
 * can do something with it: files and sockets bring the reader in, and
 * these functions do. One that prints a fixed text stays as small as it is.
 */
static const char *wants_cmdline(const struct job *j)
{
	static const char *const functions[] = {"vfprintf", "getenv", "getopt"};
	_elf_ struct elf f = {0};
	struct err ignored;
	uint64_t at;
	size_t i;

	if (strcmp(j->target->base, "keel") != 0 ||
		elf_open(&f, j->program, &ignored) < 0)
		return NULL;
	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (symbols_value(&f, functions[i], &at) == 0)
			return "-Wl,-u,keel_cmdline_to_record";
	return NULL;
}

static int link_once(const struct job *j, const char *output,
	const char *more[2], struct err *e)
{
	const struct target *t = j->target;
	const char *cmdline = wants_cmdline(j);
	_strv_ struct strv argv = {0};
	_buf_ struct buf text = {0};
	struct proc_status st;
	struct proc p;
	size_t i;
	int r;

	strv_addf(&argv, "%s-gcc", t->triplet);
	for (i = 0; i < t->cflags.n; i++)
		strv_add(&argv, t->cflags.v[i]);
	for (i = 0; i < t->ldflags.n; i++)
		strv_add(&argv, t->ldflags.v[i]);
	strv_add(&argv, "-nostdlib");
	strv_addf(&argv, "-Wl,-T,%s/lib/%s", j->sysroot, t->linker_script);
	strv_add(&argv, "-o");
	strv_add(&argv, output);
	for (i = 0; i < 2; i++)
		if (more[i])
			strv_add(&argv, more[i]);
	if (cmdline)
		strv_add(&argv, cmdline);
	add_lib(j, &argv, "crt1.o");
	add_lib(j, &argv, "crti.o");
	for (i = 0; i < j->args.n; i++)
		strv_add(&argv, j->args.v[i]);
	if (j->record)
		strv_add(&argv, j->record);
	add_libs(j, &argv);
	add_lib(j, &argv, "crtn.o");
	p = (struct proc)PROC_INIT(argv.v);
	p.cwd = j->note.cwd;
	p.out = p.err = &text;
	r = proc_run(&p, &st, e);
	if (r < 0)
		return r;
	if (st.exited != 0)
		return err_set(e, -EIO, "cannot link %s onto %s:\n%s",
			j->program, t->base, text.data ? text.data : "");
	return 0;
}

/* The first link finds out where the functions are and what is left. */
static int first_link(struct job *j, struct relink_report *report,
	struct buf *table, struct err *e)
{
	_free_ char *map_opt = xasprintf("-Wl,-Map=%s", j->map);
	const char *more[2] = {"-Wl,--emit-relocs", map_opt};
	_elf_ struct elf f = {0};
	_symbols_ struct symbols syms = {0};
	_ldmap_ struct ldmap map = {0};
	uint64_t start, end;
	int r;

	r = link_once(j, j->first, more, e);
	if (r < 0)
		return r;
	r = elf_open(&f, j->first, e);
	if (r < 0)
		return r;
	symbols_read(&syms, &f);
	if (symbols_value(&f, "keel_text_start", &start) < 0 ||
		symbols_value(&f, "keel_text_end", &end) < 0)
		return err_set(e, -EINVAL, "%s: does not say where the code is",
			j->target->linker_script);
	symbols_table(&syms, start, end, table);
	if (!report)
		return 0;
	r = ldmap_read(&map, j->map, e);
	if (r < 0)
		return r;
	absent_find(&f, &map, &syms, j->sysroot, report);
	return 0;
}

/* The second has the table of functions, which moves no code. */
static int second_link(
	const struct job *j, const struct buf *table, struct err *e)
{
	_free_ char *object = make_object(
		j, "symbols.o", ".keel.symbols", table->data, table->len, e);
	_free_ char *map_opt = xasprintf("-Wl,-Map=%s", j->last_map);
	const char *more[2] = {object, j->opts->explain ? map_opt : NULL};
	_elf_ struct elf f = {0};
	_symbols_ struct symbols syms = {0};
	_buf_ struct buf again = {0};
	uint64_t start, end;
	int r;

	if (!object)
		return e->code;
	r = link_once(j, j->last, more, e);
	if (r == 0)
		r = elf_open(&f, j->last, e);
	if (r < 0)
		return r;
	symbols_read(&syms, &f);
	if (symbols_value(&f, "keel_text_start", &start) < 0 ||
		symbols_value(&f, "keel_text_end", &end) < 0)
		return err_set(e, -EINVAL, "%s: no code", j->last);
	symbols_table(&syms, start, end, &again);
	if (again.len != table->len ||
		(again.len && memcmp(again.data, table->data, again.len) != 0))
		return err_set(e, -EIO,
			"%s: two links of the same inputs differ", j->program);
	return 0;
}

static int pack(const struct job *j, struct buf *kernel, struct err *e)
{
	_elf_ struct elf f = {0};
	uint64_t start;

	if (elf_open(&f, j->last, e) < 0)
		return e->code;
	if (symbols_value(&f, "keel_pack_start", &start) < 0)
		return err_set(e, -EINVAL, "%s: no keel_pack_start",
			j->target->linker_script);
	return pack_data(kernel, start, e);
}

static int strip(const struct job *j, struct err *e)
{
	_free_ char *tool = xasprintf("%s-strip", j->target->triplet);
	_free_ char *out = path_join(j->dir, "stripped");
	char s[] = "-s", o[] = "-o";
	char *argv[] = {tool, s, o, out, j->last, NULL};
	struct proc p = PROC_INIT(argv);
	_buf_ struct buf bytes = {0};
	int r;

	r = proc_check(&p, e);
	if (r == 0)
		r = file_read(out, SIZE_MAX, &bytes, e);
	if (r == 0)
		r = pack(j, &bytes, e);
	if (r == 0)
		r = shrink_sections(&bytes, ".keel.record", e);
	if (r == 0)
		r = file_put(j->opts->output, bytes.data, bytes.len, 0755, e);
	return r;
}

/* Copies a result out of the temporary folder, if it is wanted. */
static int keep(const char *from, const char *to, mode_t mode, struct err *e)
{
	_buf_ struct buf bytes = {0};
	int r;

	if (!to)
		return 0;
	r = file_read(from, SIZE_MAX, &bytes, e);
	if (r < 0)
		return r;
	return file_put(to, bytes.data, bytes.len, mode, e);
}

static int explain(const struct job *j, struct err *e)
{
	struct explain x = {
		.target = j->target->name,
		.places = {j->sysroot, j->dir, j->note.cwd},
		.first = j->first,
		.first_map = j->map,
		.last = j->last,
		.last_map = j->last_map,
	};
	_buf_ struct buf kernel = {0}, text = {0};
	int r;

	if (!j->opts->explain)
		return 0;
	r = file_read(j->opts->output, SIZE_MAX, &kernel, e);
	if (r < 0)
		return r;
	x.kernel = kernel.data;
	x.kernel_len = kernel.len;
	r = explain_write(&x, &text, e);
	if (r < 0)
		return r;
	return file_put(j->opts->explain, text.data, text.len, 0644, e);
}

static int fill_sizes(
	const struct job *j, struct relink_report *r, struct err *e)
{
	_elf_ struct elf f = {0};
	Elf64_Phdr ph;
	struct stat st;
	size_t i;

	if (stat(j->opts->output, &st) < 0)
		return err_errno(e, "open %s", j->opts->output);
	r->size = (uint64_t)st.st_size;
	if (elf_open(&f, j->last, e) < 0)
		return e->code;
	for (i = 0; elf_phdr(&f, i, &ph) == 0; i++) {
		if (ph.p_type != PT_LOAD)
			continue;
		if (ph.p_flags & PF_X)
			r->text += ph.p_filesz;
		else if (!(ph.p_flags & PF_W))
			r->rodata += ph.p_filesz;
		else {
			r->data += ph.p_filesz;
			r->bss += ph.p_memsz - ph.p_filesz;
		}
	}
	for (i = 0; i < j->note.ninputs; i++)
		if (j->note.inputs[i].path[0] != '{')
			strv_add(&r->inputs, j->note.inputs[i].path);
	return 0;
}

static int prepare(struct job *j, const char *sysroot, struct err *e)
{
	int r;

	j->sysroot = realpath(sysroot, NULL);
	if (!j->sysroot)
		return err_errno(e, "open %s", sysroot);
	r = elf_open(&j->elf, j->program, e);
	if (r < 0)
		return r;
	r = note_read(&j->elf, j->program, &j->note, e);
	if (r < 0)
		return r;
	if (!j->opts->of_others && strcmp(j->note.target, j->target->name) != 0)
		return err_set(e, -EINVAL, "%s: linked for %s, not for %s",
			j->program, j->note.target, j->target->name);
	r = check_inputs(j, e);
	if (r < 0)
		return r;
	j->dir = file_temp_dir("slipway-link", e);
	if (!j->dir)
		return e->code;
	j->map = path_join(j->dir, "map");
	j->last_map = path_join(j->dir, "last.map");
	j->first = path_join(j->dir, "first");
	j->last = path_join(j->dir, "last");
	return make_args(j, e);
}

int relink(const char *program, const struct target *t, const char *sysroot,
	const struct relink_opts *o, struct relink_report *report,
	struct err *e)
{
	__attribute__((cleanup(job_free))) struct job j = {
		.program = program, .target = t, .opts = o};
	struct relink_report out = {0};
	_buf_ struct buf table = {0};
	int r;

	driver_clean_env();
	r = prepare(&j, sysroot, e);
	if (r == 0 && o->record) {
		j.record = make_object(&j, "record.o", ".keel.record",
			o->record, o->record_len, e);
		r = j.record ? 0 : e->code;
	}
	if (r == 0)
		r = first_link(&j, &out, &table, e);
	if (r == 0)
		r = second_link(&j, &table, e);
	if (r == 0)
		r = strip(&j, e);
	if (r == 0)
		r = keep(j.last, o->symbols, 0755, e);
	if (r == 0)
		r = keep(j.map, o->map, 0644, e);
	if (r == 0)
		r = explain(&j, e);
	if (r == 0)
		r = fill_sizes(&j, &out, e);
	if (r == 0 && report) {
		*report = out;
		out = (struct relink_report){0};
	}
	relink_report_free(&out);
	return r;
}

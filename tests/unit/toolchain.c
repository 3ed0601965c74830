/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/toolchain: command lines, notes, ELF, dependency files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <lz4.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "toolchain/args.h"
#include "toolchain/depfile.h"
#include "toolchain/elf.h"
#include "toolchain/ldargs.h"
#include "toolchain/ldmap.h"
#include "toolchain/note.h"
#include "toolchain/objfile.h"
#include "toolchain/symbols.h"

/* Splits a line at spaces. */
static void words(struct strv *v, const char *line)
{
	_free_ char *copy = xstrdup(line);
	char *save, *w;

	for (w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		strv_add(v, w);
}

static int parse(struct cc_args *a, const char *line, struct err *e)
{
	_strv_ struct strv v = {0};

	strv_add(&v, "cc");
	words(&v, line);
	return cc_args_parse(a, (int)v.n, v.v, e);
}

static char *joined(const struct strv *v)
{
	struct buf b = {0};
	size_t i;

	buf_adds(&b, "");
	for (i = 0; i < v->n; i++)
		buf_addf(&b, "%s%s", i ? " " : "", v->v[i]);
	return b.data ? buf_steal(&b) : xstrdup("");
}

static void args_tell_the_mode(void **state)
{
	static const struct {
		const char *line;
		enum cc_mode mode;
	} cases[] = {
		{"a.c", CC_MODE_LINK},
		{"a.o -o a", CC_MODE_LINK},
		{"-c a.c", CC_MODE_COMPILE},
		{"a.c -S", CC_MODE_COMPILE},
		{"-E -", CC_MODE_COMPILE},
		{"-MM a.c", CC_MODE_COMPILE},
		{"-MD a.c", CC_MODE_LINK},
		{"-MF -c a.c", CC_MODE_LINK}, /* -c is the file's name */
		{"-r a.o", CC_MODE_PARTIAL},
		{"-c -r a.o", CC_MODE_COMPILE},
		{"", CC_MODE_INFO},
		{"-O2 -lm", CC_MODE_INFO},
		{"--version a.c", CC_MODE_INFO},
		{"-print-file-name=libc.a", CC_MODE_INFO},
		{"-v", CC_MODE_INFO},
	};
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cc_args_ struct cc_args a = {0};

		assert_int_equal(parse(&a, cases[i].line, &e), 0);
		if (a.mode != cases[i].mode)
			fail_msg("%s: mode %d", cases[i].line, (int)a.mode);
	}
}

static void args_know_inputs(void **state)
{
	_cc_args_ struct cc_args a = {0};
	struct err e;

	(void)state;
	assert_int_equal(parse(&a,
				 "-I inc a.c -o out -xc b.txt -x none c.o -l m "
				 "-Ldir -L dir2 -lz d.S -include x.h",
				 &e),
		0);
	assert_int_equal(a.ninputs, 4);
	assert_int_equal(a.nsources, 3);
	assert_string_equal(a.output, "out");
	assert_string_equal(a.items[0].value, "inc");
	assert_string_equal(a.items[2].text, "b.txt");
	assert_string_equal(a.items[2].lang, "c");
	assert_int_equal(a.items[3].source, 0);
	assert_null(a.items[3].lang);
	assert_int_equal(a.items[4].kind, CC_LIB);
	assert_string_equal(a.items[4].text, "m");
	assert_string_equal(a.items[6].text, "dir2");
	assert_string_equal(a.items[9].value, "x.h");
}

static void args_leave_out_other_kinds(void **state)
{
	_cc_args_ struct cc_args a = {0};
	struct err e;

	(void)state;
	assert_int_equal(
		parse(&a, "-static -no-pie -fno-pie -pie a.o -O2", &e), 0);
	assert_int_equal(a.n, 2);
}

static void args_refuse_by_name(void **state)
{
	static const char *const lines[] = {"-shared a.o", "-m32 a.c",
		"-fsanitize=address a.c", "-fsanitize=address,undefined a.c",
		"-fsanitize=undefined a.c", "-fopenmp a.c", "-Wl,-shared a.o"};
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		_cc_args_ struct cc_args a = {0};

		assert_int_equal(parse(&a, lines[i], &e), -EINVAL);
		assert_memory_equal(e.msg, lines[i], 4);
	}
}

static void args_survive_a_missing_value(void **state)
{
	static const char *const lines[] = {
		"a.c -o", "a.c -x", "a.c -l", "a.c -I", "a.c -Xlinker", "-L"};
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		_cc_args_ struct cc_args a = {0};

		assert_int_equal(parse(&a, lines[i], &e), 0);
	}
}

static void ldargs_drop_what_has_no_meaning(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"a.o -O2", "a.o -O2"},
		{"-Wl,-E a.o -rdynamic", "a.o"},
		{"-Wl,-rpath,/x,-u,main", "-Xlinker -u -Xlinker main"},
		{"-Wl,--rpath=/x -Wl,-z,now,--wrap=f", "-Xlinker --wrap=f"},
		{"-Xlinker -Map -Xlinker m a.o", "a.o"},
		{"-Xlinker -u -Xlinker -E a.o", "-Xlinker -u -Xlinker -E a.o"},
		{"-Wl,--whole-archive l.a -Wl,--no-whole-archive",
			"-Xlinker --whole-archive l.a "
			"-Xlinker --no-whole-archive"},
		{"-MD -MF x.d -s -e main a.o", "a.o"},
		{"-z relro a.o", "a.o"},
		{"-Wl,--start-group,a.a,--end-group",
			"-Xlinker --start-group -Xlinker a.a "
			"-Xlinker --end-group"},
		{"-Wl,-rpath", ""},
		{"-I -MD a.o", "-I -MD a.o"},
	};
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_strv_ struct strv in = {0}, out = {0};
		_free_ char *got = NULL;

		words(&in, cases[i].in);
		assert_int_equal(ldargs_filter(&in, &out, &e), 0);
		got = joined(&out);
		assert_string_equal(got, cases[i].out);
	}
}

static void ldargs_refuse_scripts(void **state)
{
	static const char *const lines[] = {"-T x.ld", "-Tx.ld", "-Wl,-T,x.ld",
		"-Wl,--script=x", "-Xlinker -T -Xlinker x"};
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		_strv_ struct strv in = {0}, out = {0};

		words(&in, lines[i]);
		assert_int_equal(ldargs_filter(&in, &out, &e), -EINVAL);
	}
}

static void depfile_reads_names(void **state)
{
	_strv_ struct strv v = {0};
	_free_ char *got = NULL;

	(void)state;
	depfile_parse("o d/a.o: a.c \\\n in\\ c/b.h d\\#e.h \\\n $$x.h\n"
		      "in\\ c/b.h:\n",
		&v);
	got = joined(&v);
	assert_string_equal(got, "a.c in c/b.h d#e.h $x.h");
}

static void depfile_survives_rubbish(void **state)
{
	static const char *const texts[] = {
		"", ":", ": ", "a: \\", "a: \\\n", "a: $", "a: b\\", "x"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		_strv_ struct strv v = {0};

		depfile_parse(texts[i], &v);
	}
}

/* A folder for a test's files. */
static int make_dir(void **state)
{
	struct err e;

	*state = file_temp_dir("unit-toolchain", &e);
	return *state ? 0 : -1;
}

static int remove_dir(void **state)
{
	struct err e;
	int r = file_remove_tree(*state, &e);

	free(*state);
	return r;
}

static void note_comes_back(void **state)
{
	_free_ char *path = path_join(*state, "note.o");
	_free_ char *obj = path_join(*state, "obj.o");
	_note_ struct note n = {0}, back = {0};
	_strv_ struct strv objects = {0};
	_elf_ struct elf f = {0};
	const void *data;
	struct err e;
	size_t len;

	n.target = xstrdup("x86_64-keel");
	n.cwd = xstrdup("/tmp/caf\xe9"); /* not UTF-8 */
	strv_add(&n.args, "{0}");
	strv_add(&n.args, "\xc3\xa9.o");
	strv_add(&n.objects, "main.o");
	strv_add(&objects, obj);
	n.inputs = xcalloc(1, sizeof(*n.inputs));
	n.inputs[0].path = xstrdup("\xff.o");
	n.inputs[0].size = 12345678901;
	memset(n.inputs[0].sha256.s, 'a', 64);
	n.ninputs = 1;
	n.lto = 1;
	assert_int_equal(file_put(obj, "bytes", 5, 0644, &e), 0);
	assert_int_equal(note_write(&n, &objects, path, &e), 0);
	assert_int_equal(elf_open(&f, path, &e), 0);
	assert_int_equal(note_read(&f, path, &back, &e), 0);
	assert_string_equal(back.target, n.target);
	assert_string_equal(back.cwd, n.cwd);
	assert_string_equal(back.args.v[1], n.args.v[1]);
	assert_string_equal(back.objects.v[0], "main.o");
	assert_string_equal(back.inputs[0].path, "\xff.o");
	assert_int_equal(back.inputs[0].size, 12345678901);
	assert_int_equal(back.lto, 1);
	data = note_object(&f, 0, &len);
	assert_int_equal(len, 5);
	assert_memory_equal(data, "bytes", 5);
	assert_null(note_object(&f, 1, &len));
}

static void note_refuses_rubbish(void **state)
{
	static const char *const texts[] = {"", "{", "[]", "{}",
		"{\"version\":1}",
		"{\"version\":2,\"target\":\"t\",\"cwd\":\"/\",\"args\":[],"
		"\"objects\":[],\"inputs\":[],\"lto\":false}",
		"{\"version\":1,\"target\":\"t\",\"cwd\":\"/\",\"args\":[1],"
		"\"objects\":[],\"inputs\":[],\"lto\":false}",
		"{\"version\":1,\"target\":\"t\",\"cwd\":\"/\",\"args\":[],"
		"\"objects\":[],\"inputs\":[{\"path\":\"x\",\"size\":1,"
		"\"sha256\":\"short\"}],\"lto\":false}"};
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		_note_ struct note n = {0};

		assert_int_equal(note_parse(texts[i], strlen(texts[i]), &n, &e),
			-EINVAL);
	}
}

static void elf_refuses_every_cut(void **state)
{
	const struct objfile_section s = {
		".text", SHT_PROGBITS, SHF_ALLOC, 16, "code", 4};
	_free_ char *path = path_join(*state, "x.o");
	_buf_ struct buf b = {0};
	Elf64_Shdr sh;
	struct elf f;
	struct err e;
	size_t len, i;

	assert_int_equal(objfile_write(path, &s, 1, &e), 0);
	assert_int_equal(file_read(path, 1 << 20, &b, &e), 0);
	assert_int_equal(elf_init(&f, b.data, b.len, "x", &e), 0);
	assert_int_equal(elf_find_section(&f, ".text", &sh), 0);
	assert_memory_equal(elf_section_data(&f, &sh, &len), "code", 4);
	/* The section table is last: without its end it is broken. */
	for (i = 0; i < b.len; i++) {
		_free_ char *cut = xmalloc(i + 1);

		memcpy(cut, b.data, i);
		assert_int_equal(elf_init(&f, cut, i, "x", &e), -EINVAL);
	}
}

static void map_finds_objects(void **state)
{
	static const char text[] =
		"Archive member included\n\nLinker script and memory map\n\n"
		".text           0x0000000000100000      0x100\n"
		" .text.a        0x0000000000100000       0x10 a.o\n"
		" .text.a_long_name_of_a_function\n"
		"                0x0000000000100010       0x20 lib/l.a(b.o)\n"
		"                0x0000000000100010                sym\n"
		" .text.gone     0x0000000000000000       0x30 c.o\n"
		" *fill*         0x0000000000100030        0x8 \n"
		" .text.empty    0x0000000000100038        0x0 d.o\n"
		" .text.e        0x0000000000100038        0x8 with space.o\n"
		" .debug_info    0x0000000000100002        0x8 e.o\n"
		" .debug_line_str\n"
		"                0x0000000000100011        0x4 e.o\n";
	_free_ char *path = path_join(*state, "map");
	_ldmap_ struct ldmap m = {0};
	struct err e;

	assert_int_equal(file_put(path, text, strlen(text), 0644, &e), 0);
	assert_int_equal(ldmap_read(&m, path, &e), 0);
	assert_int_equal(m.n, 3);
	assert_string_equal(m.v[1].file, "lib/l.a(b.o)");
	assert_string_equal(m.v[2].file, "with space.o");
	assert_int_equal(ldmap_find(&m, 0x100000), 0);
	assert_int_equal(ldmap_find(&m, 0x10002f), 1);
	assert_int_equal(ldmap_find(&m, 0x100030), -1);
	assert_int_equal(ldmap_find(&m, 0xfffff), -1);
	assert_int_equal(ldmap_find(&m, 0x100040), -1);
}

static void symbols_make_a_table(void **state)
{
	struct symbol v[] = {
		{0x1000, 0x10, "keel_start", 1, 0},
		{0x1000, 0x10, "alias", 1, 0},
		{0x1010, 0x400, "stop", 1, 0},
		{0x1410, 0x8, "datum", 0, 0},
		{0x1420, 0, "last", 1, 0},
		{0x9000, 0, "outside", 1, 0},
	};
	/* Distance, letters shared with the name before, the others. */
	static const char want[] = "\0\0star\xf4"
				   "\x10\x02o\xf0"
				   "\x90\x08\0las\xf4";
	const struct symbols s = {v, sizeof(v) / sizeof(*v)};
	_buf_ struct buf b = {0};
	char plain[8192];

	(void)state;
	symbols_table(&s, 0x800, 0x2000, &b);
	assert_memory_equal(b.data, "\0\x08\0\0", 4);
	assert_int_equal(b.data[4] + b.data[5] * 256 + 6, b.len);
	assert_int_equal(LZ4_decompress_safe(b.data + 6, plain, (int)b.len - 6,
				 sizeof(plain)),
		sizeof(want) - 1);
	assert_memory_equal(plain, want, sizeof(want) - 1);
	assert_ptr_equal(symbols_find(&s, 0x1017), &v[2]);
	assert_null(symbols_find(&s, 0x1419));
	assert_null(symbols_find(&s, 0xfff));
}

static void long_tables_are_cut_in_chunks(void **state)
{
	enum { N = 3000 };
	static struct symbol v[N];
	static char names[N][100];
	const struct symbols s = {v, N};
	_buf_ struct buf b = {0};
	size_t at = 0, chunks = 0;

	(void)state;
	for (size_t i = 0; i < N; i++) {
		snprintf(names[i], sizeof(names[i]), "%zu_%090zu", i, i);
		v[i] = (struct symbol){0x1000 + 16 * i, 16, names[i], 1, 0};
	}
	symbols_table(&s, 0x1000, 0x100000, &b);
	while (at < b.len) {
		const unsigned char *p = (unsigned char *)b.data + at;
		unsigned start = p[0] | p[1] << 8, size = p[4] | p[5] << 8;
		char plain[8192];
		int n = LZ4_decompress_safe(
			(const char *)p + 6, plain, (int)size, sizeof(plain));

		/* Cut to 63 characters, the first with nothing shared. */
		assert_true(n > 65);
		assert_int_equal(start % 16, 0);
		assert_memory_equal(plain, "\0\0", 2);
		assert_memory_equal(plain + 2, names[start / 16], 62);
		assert_int_equal((unsigned char)plain[64],
			(unsigned char)names[start / 16][62] | 128);
		at += 6 + size;
		chunks++;
	}
	assert_int_equal(at, b.len);
	assert_true(chunks > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(args_tell_the_mode),
		cmocka_unit_test(args_know_inputs),
		cmocka_unit_test(args_leave_out_other_kinds),
		cmocka_unit_test(args_refuse_by_name),
		cmocka_unit_test(args_survive_a_missing_value),
		cmocka_unit_test(ldargs_drop_what_has_no_meaning),
		cmocka_unit_test(ldargs_refuse_scripts),
		cmocka_unit_test(depfile_reads_names),
		cmocka_unit_test(depfile_survives_rubbish),
		cmocka_unit_test_setup_teardown(
			note_comes_back, make_dir, remove_dir),
		cmocka_unit_test(note_refuses_rubbish),
		cmocka_unit_test_setup_teardown(
			elf_refuses_every_cut, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			map_finds_objects, make_dir, remove_dir),
		cmocka_unit_test(symbols_make_a_table),
		cmocka_unit_test(long_tables_are_cut_in_chunks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

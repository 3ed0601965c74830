/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what objects tell of their sources, and of archives of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "toolchain/archive.h"
#include "toolchain/inputs.h"
#include "toolchain/objfile.h"

static int make_dir(void **state)
{
	struct err e;
	char *dir = file_temp_dir("inputs", &e);

	*state = dir ? realpath(dir, NULL) : NULL;
	free(dir);
	return !*state;
}

static int remove_dir(void **state)
{
	struct err e;

	file_remove_tree(*state, &e);
	free(*state);
	return 0;
}

/* DIR/x.o of DIR/x.c and a file elsewhere. */
static char *make_object(const char *dir, struct buf *bytes)
{
	const struct objfile_section s = {
		".data", SHT_PROGBITS, SHF_ALLOC, 4, "four", 4};
	_free_ char *source = path_join(dir, "x.c");
	char *object = path_join(dir, "x.o");
	_strv_ struct strv names = {0};
	struct err e;

	assert_int_equal(file_put(source, "int x;\n", 7, 0644, &e), 0);
	assert_int_equal(objfile_write(object, &s, 1, &e), 0);
	strv_add(&names, source);
	strv_add(&names, "/proc/self/exe");
	assert_int_equal(inputs_write(object, dir, &names, &e), 0);
	/* It has its section: the second time nothing happens. */
	assert_int_equal(inputs_write(object, dir, &names, &e), 0);
	assert_int_equal(file_read(object, 65536, bytes, &e), 0);
	return object;
}

static void objects_tell_their_sources(void **state)
{
	_buf_ struct buf bytes = {0};
	_free_ char *object = make_object(*state, &bytes);
	_strv_ struct strv lines = {0};
	struct sbom_sums sums, want;
	_free_ char *path = NULL;

	assert_int_equal(inputs_read(bytes.data, bytes.len, &lines), 1);
	assert_int_equal(lines.n, 1);
	path = inputs_path(lines.v[0], &sums);
	assert_string_equal(path, "x.c");
	sbom_sum_bytes("int x;\n", 7, &want);
	assert_string_equal(sums.sha1, want.sha1);
	assert_string_equal(sums.sha256, want.sha256);
}

static void sources_elsewhere_are_not_told(void **state)
{
	const struct objfile_section s = {
		".data", SHT_PROGBITS, SHF_ALLOC, 4, "four", 4};
	_free_ char *object = path_join(*state, "y.o");
	_strv_ struct strv names = {0}, lines = {0};
	_buf_ struct buf bytes = {0};
	struct err e;

	assert_int_equal(objfile_write(object, &s, 1, &e), 0);
	strv_add(&names, "/proc/self/exe");
	assert_int_equal(inputs_write(object, *state, &names, &e), 0);
	assert_int_equal(file_read(object, 65536, &bytes, &e), 0);
	assert_int_equal(inputs_read(bytes.data, bytes.len, &lines), 0);
	assert_int_equal(lines.n, 0);
}

/* Another object with the same section, as `ld -r` makes it. */
static void changed_objects_are_known(void **state)
{
	_buf_ struct buf bytes = {0}, other = {0};
	_free_ char *object = make_object(*state, &bytes);
	_free_ char *copy = path_join(*state, "z.o");
	_free_ char *line = NULL, *text = NULL;
	_strv_ struct strv lines = {0};
	struct objfile_section s = {
		INPUTS_SECTION, SHT_PROGBITS, SHF_EXCLUDE, 1, NULL, 0};
	struct err e;

	assert_int_equal(inputs_read(bytes.data, bytes.len, &lines), 1);
	line = xstrdup(lines.v[0]);
	text = xasprintf("object 64\n%s\nobject 64\n%s\nrubbish\n", line, line);
	s.data = text;
	s.len = strlen(text);
	assert_int_equal(objfile_write(copy, &s, 1, &e), 0);
	assert_int_equal(file_read(copy, 65536, &other, &e), 0);
	assert_int_equal(inputs_read(other.data, other.len, &lines), 0);
	assert_int_equal(lines.n, 3);
}

static void objects_may_end_anywhere(void **state)
{
	_buf_ struct buf bytes = {0};
	_free_ char *object = make_object(*state, &bytes);

	for (size_t n = 0; n < bytes.len; n++) {
		_free_ char *cut = n ? xmalloc(n) : NULL;
		_strv_ struct strv lines = {0};

		if (n)
			memcpy(cut, bytes.data, n);
		assert_int_equal(inputs_read(cut ? cut : "", n, &lines), 0);
	}
}

#define HEADER(name, size) name "0           0     0     644     " size "`\n"

static const char ar[] = "!<arch>\n" HEADER(
	"/               ", "4         ") "\0\0\0\0" HEADER("//              ",
	"21        ") "a-name-that-is-long/\n"
		      "\n" HEADER("/0              ",
			      "3         ") "one\n" HEADER("two.o/          ",
			      "2         ") "22";

static void archives_have_members(void **state)
{
	_buf_ struct buf names = {0};
	struct archive_member m;
	struct archive a;

	(void)state;
	assert_int_equal(archive_init(&a, ar, sizeof(ar) - 1), 1);
	while (archive_next(&a, &m)) {
		buf_addf(&names, "%s=%.*s ", m.name, (int)m.len, m.data);
		free(m.name);
	}
	assert_string_equal(names.data, "a-name-that-is-long=one two.o=22 ");
}

static void archives_may_end_anywhere(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(ar); n++) {
		_free_ char *cut = xmalloc(n + 1);
		struct archive_member m;
		struct archive a;
		int members = 0;

		memcpy(cut, ar, n);
		cut = xreallocarray(cut, n ? n : 1, 1);
		if (!archive_init(&a, cut, n))
			continue;
		for (; archive_next(&a, &m); members++)
			free(m.name);
		assert_true(members <= 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			objects_tell_their_sources, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			sources_elsewhere_are_not_told, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			changed_objects_are_known, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			objects_may_end_anywhere, make_dir, remove_dir),
		cmocka_unit_test(archives_have_members),
		cmocka_unit_test(archives_may_end_anywhere),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

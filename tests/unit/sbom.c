/* SPDX-License-Identifier: Apache-2.0 */
/* Licences and source packages: what is said of them, and what is not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "sbom/license.h"
#include "sbom/source.h"

#define FORMAT                                                  \
	"Format: https://www.debian.org/doc/packaging-manuals/" \
	"copyright-format/1.0/\n\n"

/* --- licences ------------------------------------------------------------- */

static void says(const char *text, const char *expression)
{
	struct licenses l;

	licenses_read(&l, text, "pkg");
	if (!expression)
		assert_null(l.expression);
	else
		assert_string_equal(l.expression, expression);
	licenses_free(&l);
}

static void names_become_identifiers(void **state)
{
	(void)state;
	says(FORMAT "Files: *\nLicense: Expat\n", "MIT");
	says(FORMAT "Files: *\nLicense: gpl-2+\n", "GPL-2.0-or-later");
	says(FORMAT "Files: *\nlicense:   BSD-3-clause  \n text\n",
		"BSD-3-Clause");
}

static void licenses_of_all_files_are_joined(void **state)
{
	(void)state;
	says(FORMAT "Files: *\nLicense: ISC\n\nFiles: b\nLicense: Expat\n\n"
		    "Files: c\nLicense: ISC\n",
		"ISC AND MIT");
	says(FORMAT "Files: *\nLicense: Expat or ISC\n\n"
		    "Files: b\nLicense: Zlib\n",
		"(MIT OR ISC) AND Zlib");
	says(FORMAT "Files: *\nLicense: Expat and ISC or Zlib\n",
		"(MIT AND ISC OR Zlib)");
}

static void packaging_is_in_no_program(void **state)
{
	(void)state;
	says(FORMAT "Files: *\nLicense: ISC\n\n"
		    "Files: debian/*\nLicense: GPL-3\n",
		"ISC");
	says(FORMAT "Files:\n debian/rules\nLicense: GPL-3\n", NULL);
}

static void nothing_is_claimed_of_other_texts(void **state)
{
	(void)state;
	says("", NULL);
	says("This package was debianized by somebody.\n", NULL);
	says("Files: *\nLicense: Expat\n", NULL);
	says("Format: http://example.org/old\n\nFiles: *\nLicense: Expat\n",
		NULL);
	says(FORMAT, NULL);
	says(FORMAT "Files: *\nCopyright: me\n", NULL);
	says(FORMAT "Files: *\nLicense:\n", NULL);
}

static void unknown_names_bring_their_text(void **state)
{
	static const char text[] =
		FORMAT "Files: *\nLicense: public domain\n\n"
		       "Files: x\nLicense: Expat, with a twist or two\n\n"
		       "License: public domain\n No rights\n .\n  reserved.\n";
	struct licenses l;

	(void)state;
	licenses_read(&l, text, "pkg");
	assert_string_equal(l.expression,
		"LicenseRef-pkg-Expat--with-a-twist-or-two AND "
		"LicenseRef-pkg-public-domain");
	assert_int_equal(l.ntexts, 2);
	assert_string_equal(l.texts[0].name, "Expat, with a twist or two");
	assert_non_null(strstr(l.texts[0].text, "without its text"));
	assert_string_equal(l.texts[1].id, "LicenseRef-pkg-public-domain");
	assert_string_equal(l.texts[1].text, "No rights\n\n reserved.\n");
	licenses_free(&l);
}

static void expressions_of_labels_are_checked(void **state)
{
	static const char *const good[] = {
		"MIT", "  MIT ", "MIT OR Apache-2.0", "ISC AND MIT AND 0BSD"};
	static const char *const bad[] = {"", " ", "MIT OR", "OR MIT",
		"MIT MIT", "MIT or ISC", "Expat", "mit", "(MIT)", "MI",
		"GPL-2.0"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (!license_is_known(good[i]))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (license_is_known(bad[i]))
			fail_msg("taken: %s", bad[i]);
}

/* --- source packages ------------------------------------------------------ */

#define SHA1_A   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA256_A SHA1_A "aaaaaaaaaaaaaaaaaaaaaaaa"
#define DSC(version)                                            \
	"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n"  \
	"Format: 3.0 (quilt)\nSource: lib\nVersion: " version   \
	"\nChecksums-Sha1:\n " SHA1_A " 12 lib_1.orig.tar.gz\n" \
	" " SHA1_A " 9 half.tar.gz\n short 9 wrong.tar.gz\n"    \
	"Checksums-Sha256:\n " SHA256_A " 12 lib_1.orig.tar.gz\n"

struct tree {
	char *top, *debian, *downloads;
};

static void put(const char *dir, const char *name, const char *text)
{
	_free_ char *path = path_join(dir, name);
	struct err e;

	assert_int_equal(file_put(path, text, strlen(text), 0644, &e), 0);
}

static int make_tree(void **state)
{
	struct tree *t = xcalloc(1, sizeof(*t));
	_free_ char *sources = NULL;
	struct err e;

	t->top = file_temp_dir("slipway-test", &e);
	assert_non_null(t->top);
	t->debian = path_join(t->top, "debian");
	sources = path_join(t->top, "sources");
	t->downloads = path_join(sources, "lib");
	assert_int_equal(file_mkdirs(t->debian, &e), 0);
	assert_int_equal(file_mkdirs(t->downloads, &e), 0);
	setenv("SLIPWAY_SOURCES", sources, 1);
	*state = t;
	return 0;
}

static int drop_tree(void **state)
{
	struct tree *t = *state;
	struct err e;

	file_remove_tree(t->top, &e);
	unsetenv("SLIPWAY_SOURCES");
	free(t->top);
	free(t->debian);
	free(t->downloads);
	free(t);
	return 0;
}

static void check(const struct tree *t, const char *version, size_t nfiles)
{
	_source_ struct source s = {0};

	source_read(&s, t->debian, "lib");
	assert_string_equal(s.name, "lib");
	if (!version)
		assert_null(s.version);
	else
		assert_string_equal(s.version, version);
	assert_int_equal(s.nfiles, nfiles);
}

static void a_kept_dsc_counts(void **state)
{
	struct tree *t = *state;
	_source_ struct source s = {0};

	put(t->debian, "source.dsc", DSC("2:1-1"));
	put(t->debian, "changelog", "lib (0-0) unstable; urgency=low\n");
	put(t->downloads, "lib_9.dsc", DSC("9"));
	put(t->debian, "copyright", FORMAT "Files: *\nLicense: Zlib\n");
	source_read(&s, t->debian, "lib");
	assert_string_equal(s.version, "2:1-1");
	assert_string_equal(s.licenses.expression, "Zlib");
	/* Itself, and what it lists with both sums. */
	assert_int_equal(s.nfiles, 2);
	assert_string_equal(s.files[0].name, "lib_1-1.dsc");
	assert_string_equal(s.files[1].name, "lib_1.orig.tar.gz");
	assert_string_equal(s.files[1].sha1, SHA1_A);
	assert_string_equal(s.files[1].sha256, SHA256_A);
}

static void an_old_tree_is_looked_up(void **state)
{
	struct tree *t = *state;

	put(t->debian, "changelog", "lib (1-1) unstable; urgency=low\n");
	check(t, "1-1", 0);
	put(t->downloads, "lib_1-1.dsc", DSC("1-1"));
	check(t, "1-1", 2);
}

static void another_version_tells_nothing(void **state)
{
	struct tree *t = *state;

	put(t->debian, "changelog", "lib (1-1) unstable; urgency=low\n");
	put(t->downloads, "lib_1-2.dsc", DSC("1-2"));
	check(t, "1-1", 0);
}

static void of_two_downloads_neither_counts(void **state)
{
	struct tree *t = *state;

	put(t->debian, "changelog", "lib (1-1) unstable; urgency=low\n");
	put(t->downloads, "lib_1-1.dsc", DSC("1-1"));
	put(t->downloads, "lib_1-2.dsc", DSC("1-2"));
	check(t, "1-1", 0);
}

static void a_tree_without_papers_has_a_name(void **state)
{
	struct tree *t = *state;

	check(t, NULL, 0);
	put(t->debian, "changelog", "no version in here\n");
	put(t->debian, "source.dsc", "Source: lib\n\nVersion: 1\n");
	check(t, NULL, 0);
}

#define WITH_TREE(f) cmocka_unit_test_setup_teardown(f, make_tree, drop_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_identifiers),
		cmocka_unit_test(licenses_of_all_files_are_joined),
		cmocka_unit_test(packaging_is_in_no_program),
		cmocka_unit_test(nothing_is_claimed_of_other_texts),
		cmocka_unit_test(unknown_names_bring_their_text),
		cmocka_unit_test(expressions_of_labels_are_checked),
		WITH_TREE(a_kept_dsc_counts),
		WITH_TREE(an_old_tree_is_looked_up),
		WITH_TREE(another_version_tells_nothing),
		WITH_TREE(of_two_downloads_neither_counts),
		WITH_TREE(a_tree_without_papers_has_a_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

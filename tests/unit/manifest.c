/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/manifest: positions, values, defaults, overrides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "manifest/app.h"
#include "manifest/scan.h"
#include "manifest/value.h"

static char *folder; /* with main.c, a.txt, src/x.c */

static int set_up(void **state)
{
	struct err e;

	(void)state;
	folder = file_temp_dir("slipway-test", &e);
	if (!folder || chdir(folder) < 0 || file_mkdirs("src", &e) < 0 ||
		file_put("main.c", "", 0, 0644, &e) < 0 ||
		file_put("a.txt", "", 0, 0644, &e) < 0 ||
		file_put("src/x.c", "", 0, 0644, &e) < 0)
		return -1;
	return 0;
}

static int tear_down(void **state)
{
	struct err e;
	int r = chdir("/");

	(void)state;
	if (r == 0)
		r = file_remove_tree(folder, &e);
	free(folder);
	return r;
}

/* An application from text that is right. */
static struct app *good(const char *text, const char *target)
{
	struct diags diags = {0};
	struct app *a = app_parse_for(
		"slipway.json", text, strlen(text), target, &diags);

	if (!a) {
		_free_ char *line = diag_text(&diags.v[0]);

		fail_msg("%s", line);
	}
	assert_int_equal(diags.n, 0);
	return a;
}

/* All messages about text that is wrong; caller frees. */
static char *bad(const char *text)
{
	struct buf b = {0};
	struct diags diags = {0};
	size_t i;

	assert_null(app_parse("slipway.json", text, strlen(text), &diags));
	assert_int_not_equal(diags.nerrors, 0);
	for (i = 0; i < diags.n; i++) {
		_free_ char *line = diag_text(&diags.v[i]);

		buf_addf(&b, "%s\n", line);
	}
	if (diags.nerrors > diags.n)
		buf_addf(&b, "%zu in all\n", diags.nerrors);
	diags_free(&diags);
	return buf_steal(&b);
}

static void positions_are_found_by_pointer(void **state)
{
	static const char text[] = "{ \"a\" : [1, {\"x/y\": \"\\u00e4\"}],\n"
				   "  \"b~\": { \"\\u0063\" :true } }";
	static const struct {
		const char *pointer;
		enum scan_what what;
		unsigned line, col;
	} want[] = {
		{"", SCAN_VALUE, 1, 1},
		{"/a", SCAN_KEY, 1, 3},
		{"/a", SCAN_VALUE, 1, 9},
		{"/a/0", SCAN_VALUE, 1, 10},
		{"/a/1", SCAN_VALUE, 1, 13},
		{"/a/1/x~1y", SCAN_KEY, 1, 14},
		{"/a/1/x~1y", SCAN_VALUE, 1, 21},
		{"/b~0", SCAN_VALUE, 2, 9},
		{"/b~0/c", SCAN_VALUE, 2, 21},
		{"/b~0/none", SCAN_VALUE, 2, 9},
	};
	size_t i, off;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(*want); i++) {
		struct scan_pos pos;

		off = scan_find(
			text, sizeof(text) - 1, want[i].pointer, want[i].what);
		pos = scan_pos(text, sizeof(text) - 1, off);
		assert_int_equal(pos.line, want[i].line);
		assert_int_equal(pos.col, want[i].col);
	}
}

static void utf8_is_checked_as_the_standard_says(void **state)
{
	static const char *const good_text[] = {"", "a", "\xc3\xa4",
		"\xe2\x82\xac", "\xf0\x9f\x9a\xa2", "\xf4\x8f\xbf\xbf"};
	static const char *const bad_text[] = {"\x80", "\xc0\x80", "\xc3",
		"\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"\xf8\x88\x80\x80\x80", "\xe2\x82"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good_text) / sizeof(*good_text); i++)
		assert_int_equal(scan_utf8(good_text[i], strlen(good_text[i])),
			strlen(good_text[i]));
	for (i = 0; i < sizeof(bad_text) / sizeof(*bad_text); i++)
		assert_int_equal(
			scan_utf8(bad_text[i], strlen(bad_text[i])), 0);
}

static void host_paths_are_made_normal(void **state)
{
	static const char *const paths[][2] = {{"a", "a"}, {"./a", "a"},
		{"a//b/", "a/b"}, {"a/../b", "b"}, {"a/b/../..", "."},
		{"..", NULL}, {"a/../..", NULL}, {"", "."}, {"...", "..."}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		_free_ char *normal = value_normal_path(paths[i][0]);

		if (!paths[i][1])
			assert_null(normal);
		else
			assert_string_equal(normal, paths[i][1]);
	}
}

static void the_smallest_manifest_has_defaults(void **state)
{
	struct app *a = good("{\"name\": \"x\", \"target\": \"x86_64-keel\", "
			     "\"sources\": [\"main.c\"]}",
		NULL);
	_free_ char *main_c = path_join(folder, "main.c");

	(void)state;
	assert_string_equal(a->name, "x");
	assert_string_equal(a->dir, folder);
	assert_string_equal(a->target, "x86_64-keel");
	assert_int_equal(a->targets.n, 1);
	assert_string_equal(a->sources.v[0], main_c);
	assert_null(a->build);
	assert_int_equal(a->nfiles, 0);
	assert_string_equal(a->workdir, "/");
	assert_int_equal(a->memory, 0); /* the target says it */
	assert_int_equal(a->cpus, 1);
	assert_string_equal(a->stop_signal, "SIGTERM");
	assert_int_equal(a->stop_timeout_s, 10);
	assert_int_equal(a->drain_ns, 0);
	assert_null(a->hostname);
	assert_int_equal(a->tags.n, 1);
	assert_string_equal(a->tags.v[0], "x:latest");
	assert_int_equal(a->memory_line, 0);
	app_free(a);
}

static const char full[] =
	"{\"$schema\": \"s\", \"name\": \"web-1\", \"targets\": [\"t1\"],"
	" \"sources\": [\"main.c\", \"./src/x.c\"], \"cflags\": [\"-O2\"],"
	" \"ldflags\": [\"-s\"], \"libs\": [\"m\", \"stdc++\"],"
	" \"files\": ["
	"  {\"from\": \"a.txt\", \"to\": \"/etc/a\", \"mode\": \"0600\","
	"   \"owner\": \"33:44\"},"
	"  {\"from\": \"src\", \"to\": \"/\"},"
	"  {\"link\": \"a\", \"to\": \"/etc/b\"},"
	"  {\"dir\": true, \"to\": \"/var/x\", \"mode\": \"1777\"}],"
	" \"args\": [\"\", \"a b\", \"<&>\\n\\u2028\"],"
	" \"env\": {\"Z\": \"1=2\", \"A\": \"\"}, \"workdir\": \"/srv\","
	" \"memory\": \"2GiB\", \"cpus\": 4, \"ports\": [80, \"53/udp\","
	" \"53/tcp\"], \"volumes\": [\"/data\"], \"stop_signal\": \"SIGQUIT\","
	" \"stop_timeout\": 0, \"hostname\": \"Web-1.example\","
	" \"tags\": [\"shop/web\", \"localhost:5000/a/b:1.2\"],"
	" \"labels\": {\"b\": \"2\", \"a.c\": \"<1>\"}}";

static void all_keys_are_read(void **state)
{
	struct app *a = good(full, NULL);
	_free_ char *text = path_join(folder, "a.txt");
	_free_ char *x = path_join(folder, "src/x.c");

	(void)state;
	assert_string_equal(a->sources.v[1], x);
	assert_string_equal(a->libs.v[1], "stdc++");
	assert_int_equal(a->nfiles, 4);
	assert_string_equal(a->files[0].from, text);
	assert_int_equal(a->files[0].mode, 0600);
	assert_int_equal(a->files[0].uid, 33);
	assert_int_equal(a->files[0].gid, 44);
	assert_int_equal(a->files[1].mode, -1);
	assert_string_equal(a->files[2].link, "a");
	assert_null(a->files[2].from);
	assert_int_equal(a->files[3].dir, 1);
	assert_int_equal(a->files[3].mode, 01777);
	assert_int_equal(a->args.n, 3);
	assert_string_equal(a->args.v[2], "<&>\n\xe2\x80\xa8");
	assert_string_equal(a->env.v[0], "A=");
	assert_string_equal(a->env.v[1], "Z=1=2");
	assert_int_equal(a->memory, (uint64_t)2 << 30);
	assert_int_equal(a->ports[1].port, 53);
	assert_int_equal(a->ports[1].udp, 1);
	assert_int_equal(a->ports[2].udp, 0);
	assert_int_equal(a->stop_timeout_s, 0);
	assert_string_equal(a->tags.v[0], "shop/web:latest");
	assert_string_equal(a->tags.v[1], "localhost:5000/a/b:1.2");
	assert_string_equal(a->labels.v[0], "a.c=<1>");
	app_free(a);
}

static void a_build_is_read(void **state)
{
	struct app *a =
		good("{\"name\": \"sqlite\", \"target\": \"t\", \"build\": {"
		     " \"source\": \"sqlite3/bookworm\","
		     " \"commands\": [[\"./configure\", \"\"],"
		     "  [\"make\", \"-j${jobs}\"]], \"program\": \"./a/b\"}}",
			NULL);

	(void)state;
	assert_string_equal(a->build->source, "sqlite3/bookworm");
	assert_null(a->build->dir);
	assert_int_equal(a->build->ncommands, 2);
	assert_string_equal(a->build->commands[1].v[1], "-j${jobs}");
	assert_string_equal(a->build->program, "a/b");
	app_free(a);
	a = good("{\"name\": \"x\", \"target\": \"t\", \"build\": {"
		 " \"commands\": [], \"program\": \"x\"}}",
		NULL);
	assert_string_equal(a->build->dir, folder);
	app_free(a);
}

static const char two_targets[] =
	"{\"name\": \"x\", \"targets\": [\"t1\", \"t2\"],\n"
	" \"sources\": [\"main.c\"], \"memory\": \"8M\", \"args\": [\"a\"],\n"
	" \"per_target\": {\"t2\": {\"memory\": \"16M\", \"args\": []}}}";

static void overrides_hold_for_their_target(void **state)
{
	struct app *a = good(two_targets, "t1");
	struct app *b = good(two_targets, "t2");
	struct diags diags = {0};

	(void)state;
	assert_int_equal(a->memory, 8 << 20);
	assert_int_equal(a->args.n, 1);
	assert_int_equal(a->memory_line, 2);
	assert_string_equal(b->target, "t2");
	assert_int_equal(b->memory, 16 << 20);
	assert_int_equal(b->args.n, 0);
	assert_int_equal(b->memory_line, 3);
	app_free(a);
	app_free(b);
	assert_null(app_parse_for("slipway.json", two_targets,
		strlen(two_targets), "t3", &diags));
	assert_int_equal(diags.n, 1);
	diags_free(&diags);
}

static void a_fault_in_one_override_is_told_once(void **state)
{
	_free_ char *text =
		bad("{\"name\": \"x\", \"targets\": [\"a\", \"b\", \"c\"],\n"
		    " \"sources\": [\"main.c\"], \"cpus\": 0,\n"
		    " \"per_target\": {\"b\": {\"ports\": [1, 1]}}}");

	(void)state;
	assert_string_equal(text,
		"slipway.json:2:33: error: cpus: 0 is not from 1 to 64 "
		"[number-range]\n"
		"slipway.json:3:36: error: per_target.b.ports[1]: is the same "
		"as ports[0] [duplicate-port]\n");
}

static void errors_are_cut_at_twenty(void **state)
{
	_buf_ struct buf b = {0};
	_free_ char *text = NULL;
	int i;

	(void)state;
	buf_adds(&b, "{\"name\": \"x\", \"target\": \"t\", "
		     "\"sources\": [\"main.c\"], \"ports\": [");
	for (i = 0; i < 30; i++)
		buf_addf(&b, "%s0", i ? "," : "");
	buf_adds(&b, "]}");
	text = bad(b.data);
	assert_non_null(strstr(text, "\n30 in all\n"));
}

static void bytes_behind_a_zero_are_not_ignored(void **state)
{
	static const char text[] = "{\"name\": \"x\", \"target\": \"t\", "
				   "\"sources\": [\"main.c\"]}\0{}";
	struct diags diags = {0};

	(void)state;
	assert_null(app_parse("slipway.json", text, sizeof(text) - 1, &diags));
	assert_int_equal(diags.n, 1);
	diags_free(&diags);
}

static const char target_text[] =
	"{\"name\": \"x86_64-keel\", \"description\": \"d\","
	" \"base\": \"keel\", \"arch\": \"x86_64\", \"oci_arch\": \"amd64\","
	" \"triplet\": \"x86_64-linux-gnu\", \"linker_script\": \"k.ld\","
	" \"base_libs\": [\"a.a\"], \"qemu\": \"q\", \"machine\": \"m\","
	" \"memory_min\": \"16M\"}";

static void the_target_is_checked_against_the_application(void **state)
{
	struct diags diags = {0};
	_free_ char *line = NULL;
	struct target *t;
	struct app *a;
	struct err e;

	(void)state;
	assert_int_equal(file_mkdirs("data/targets", &e), 0);
	assert_int_equal(file_put("data/targets/x86_64-keel.json", target_text,
				 strlen(target_text), 0644, &e),
		0);
	a = good("{\"name\": \"x\", \"target\": \"x86_64-keel\",\n"
		 " \"sources\": [\"main.c\"], \"memory\": \"16M\"}",
		NULL);
	t = app_target(a, "data", &diags);
	assert_non_null(t);
	assert_string_equal(t->oci_arch, "amd64");
	assert_int_equal(t->memory_min, 16 << 20);
	target_free(t);
	assert_int_equal(a->memory, 16 << 20);
	a->memory--;
	assert_null(app_target(a, "data", &diags));
	line = diag_text(&diags.v[0]);
	assert_string_equal(line,
		"slipway.json:2:35: error: memory: target x86_64-keel needs at "
		"least 16384K [memory-min]");
	diags_free(&diags);
	app_free(a);
	a = good("{\"name\": \"x\", \"target\": \"x86_64-keel\",\n"
		 " \"sources\": [\"main.c\"]}",
		NULL);
	target_free(app_target(a, "data", &diags));
	assert_int_equal(a->memory, 64 << 20);
	app_free(a);
}

static void an_unknown_target_is_told_where_it_stands(void **state)
{
	struct diags diags = {0};
	_free_ char *line = NULL;
	struct app *a;

	(void)state;
	a = good("{\"name\": \"x\", \"target\": \"x86_64_keel\",\n"
		 " \"sources\": [\"main.c\"]}",
		NULL);
	assert_null(app_target(a, "data", &diags));
	line = diag_text(&diags.v[0]);
	assert_string_equal(line,
		"slipway.json:1:25: error: there is no target \"x86_64_keel\", "
		"did you mean \"x86_64-keel\"? [target-unknown]");
	diags_free(&diags);
	app_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(positions_are_found_by_pointer),
		cmocka_unit_test(utf8_is_checked_as_the_standard_says),
		cmocka_unit_test(host_paths_are_made_normal),
		cmocka_unit_test(the_smallest_manifest_has_defaults),
		cmocka_unit_test(all_keys_are_read),
		cmocka_unit_test(a_build_is_read),
		cmocka_unit_test(overrides_hold_for_their_target),
		cmocka_unit_test(a_fault_in_one_override_is_told_once),
		cmocka_unit_test(errors_are_cut_at_twenty),
		cmocka_unit_test(bytes_behind_a_zero_are_not_ignored),
		cmocka_unit_test(the_target_is_checked_against_the_application),
		cmocka_unit_test(an_unknown_target_is_told_where_it_stands),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

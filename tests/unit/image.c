/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/image: JSON as Go writes it, names, checks, layer shape. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "image/config.h"
#include "image/gojson.h"
#include "image/image.h"
#include "image/index.h"
#include "image/layer.h"

static void assert_json(const char *text, const char *json)
{
	struct buf b = {0};

	gojson_string(&b, text);
	assert_string_equal(b.data, json);
	buf_free(&b);
}

static void strings_are_escaped_as_go_does(void **state)
{
	(void)state;
	assert_json("", "\"\"");
	assert_json("a\"b\\c/d", "\"a\\\"b\\\\c/d\"");
	assert_json("<&>'", "\"\\u003c\\u0026\\u003e'\"");
	assert_json("\t\n\r\x01\x1f\x7f", "\"\\t\\n\\r\\u0001\\u001f\x7f\"");
	assert_json("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa",
		"\"\\u2028\\u2029\xe2\x80\xaa\"");
	assert_json("\xc3\xa9\xf0\x9f\x9a\xa2", "\"\xc3\xa9\xf0\x9f\x9a\xa2\"");
}

static void commas_come_by_themselves(void **state)
{
	struct buf b = {0};

	(void)state;
	gojson_open(&b, '{');
	gojson_key(&b, "a");
	gojson_open(&b, '[');
	gojson_number(&b, 1);
	gojson_string(&b, "{");
	gojson_string(&b, ":");
	gojson_close(&b, ']');
	gojson_key(&b, "b");
	gojson_open(&b, '{');
	gojson_close(&b, '}');
	gojson_close(&b, '}');
	assert_string_equal(b.data, "{\"a\":[1,\"{\",\":\"],\"b\":{}}");
	buf_free(&b);
}

static void utf8_is_checked(void **state)
{
	static const char *const bad[] = {"\x80", "\xc0\x80", "\xc3", "\xff",
		"\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"\xf0\x80\x80\x80", "ok\xe2\x82"};

	(void)state;
	assert_true(gojson_utf8_ok(""));
	assert_true(gojson_utf8_ok("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x9a\xa2"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(gojson_utf8_ok(bad[i]));
}

static void names_get_the_default_domain(void **state)
{
	static const char *const cases[][2] = {
		{"uk/app:v1", "docker.io/uk/app:v1"},
		{"app:v1", "docker.io/library/app:v1"},
		{"localhost/app:1", "localhost/app:1"},
		{"host:5000/a/b:1", "host:5000/a/b:1"},
		{"example.org/a:1", "example.org/a:1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *name = index_full_name(cases[i][0]);

		assert_string_equal(name, cases[i][1]);
		free(name);
	}
}

static int check_tag(const char *tag)
{
	struct image_spec s = {.oci_arch = "amd64"};
	struct err e = {0};
	int r;

	strv_add(&s.tags, tag);
	r = config_check(&s, &e);
	strv_free(&s.tags);
	assert_true(r == 0 || strstr(e.msg, "tag"));
	return r;
}

static void tags_are_checked(void **state)
{
	static const char *const good[] = {"a:b", "a/b/c:1.0", "a-b__c.d:_x",
		"h:1/a:b", "localhost/a:b", "a--b:L", "x.y/a_b:1-2"};
	static const char *const bad[] = {"", "a", "a:", ":a", "A:b", "a/B:c",
		"a//b:c", "/a:b", "a/:b", "a:b c", "a:-b", "a:.b", "a___b:c",
		"-a:b", "a-:b", "a@sha256:x", "a.b/c", "h!.x/a:b",
		"\xc3\xa9:b"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (check_tag(good[i]) != 0)
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (check_tag(bad[i]) == 0)
			fail_msg("taken: %s", bad[i]);
}

#define REFUSED(member, text)                                         \
	do {                                                          \
		struct image_spec spec_ = {.oci_arch = "amd64"};      \
		struct err e_ = {0};                                  \
                                                                      \
		strv_add(&spec_.member, text);                        \
		assert_int_equal(config_check(&spec_, &e_), -EINVAL); \
		strv_free(&spec_.member);                             \
	} while (0)

static void values_are_checked(void **state)
{
	struct image_spec s = {.oci_arch = "amd64", .user = "root"};
	struct err e;

	(void)state;
	REFUSED(env, "NAME");
	REFUSED(env, "=x");
	REFUSED(env, "A=\xff");
	REFUSED(cmd, "\xff");
	REFUSED(labels, "x");
	REFUSED(ports, "80");
	REFUSED(ports, "0/tcp");
	REFUSED(ports, "65536/tcp");
	REFUSED(ports, "80/sctp");
	REFUSED(volumes, "data");
	assert_int_equal(config_check(&s, &e), -EINVAL);
	s.user = "1:2";
	assert_int_equal(config_check(&s, &e), 0);
	s.workdir = "relative";
	assert_int_equal(config_check(&s, &e), -EINVAL);
	s.workdir = "/";
	s.epoch = 1ull << 40;
	assert_int_equal(config_check(&s, &e), -ERANGE);
}

static void config_has_the_order_of_go(void **state)
{
	struct image_layer l = {.comment = "c"};
	struct image_layer *layers[] = {&l};
	struct image_spec s = {.oci_arch = "amd64",
		.user = "1",
		.workdir = "/w",
		.stop_signal = "SIGTERM",
		.layers = layers,
		.nlayers = 1};
	struct layer_blob blob = {.diff_id = {"abc"}};
	struct buf b = {0};

	(void)state;
	strv_add(&s.ports, "9/udp");
	strv_add(&s.ports, "80/tcp");
	strv_add(&s.labels, "b=2");
	strv_add(&s.labels, "a=1=1");
	strv_add(&s.entrypoint, "/e");
	strv_add(&s.env, "Z=1");
	strv_add(&s.env, "A=2");
	config_write(&s, &blob, &b);
	assert_string_equal(b.data,
		"{\"created\":\"1970-01-01T00:00:00Z\","
		"\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{"
		"\"User\":\"1\",\"ExposedPorts\":{\"80/tcp\":{},\"9/udp\":{}},"
		"\"Env\":[\"Z=1\",\"A=2\"],\"Entrypoint\":[\"/e\"],"
		"\"WorkingDir\":\"/w\",\"Labels\":{\"a\":\"1=1\",\"b\":\"2\"},"
		"\"StopSignal\":\"SIGTERM\"},\"rootfs\":{\"type\":\"layers\","
		"\"diff_ids\":[\"sha256:abc\"]},\"history\":[{"
		"\"created\":\"1970-01-01T00:00:00Z\","
		"\"created_by\":\"slipway build\",\"comment\":\"c\"}]}");
	buf_free(&b);
	strv_free(&s.ports);
	strv_free(&s.labels);
	strv_free(&s.entrypoint);
	strv_free(&s.env);
}

static void parents_are_added_and_sorted(void **state)
{
	static const char *const want[] = {"a", "a-b", "a/b", "a/b/c", "a/b/d"};
	struct image_layer l = {0};
	struct err e;

	(void)state;
	image_add_data(&l, "a/b/d", "", 0, 0644, 0, 0);
	image_add_data(&l, "a-b", "", 0, 0644, 0, 0);
	image_add_dir(&l, "a/b/", 0700, 1, 1);
	image_add_link(&l, "a/b/c", "d");
	assert_int_equal(layer_settle(&l, &e), 0);
	assert_int_equal(layer_settle(&l, &e), 0);
	assert_int_equal(l.n, 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(l.v[i].path, want[i]);
	assert_int_equal(l.v[0].mode, 0755);
	assert_int_equal(l.v[2].mode, 0700);
	image_layer_free(&l);
}

static void bad_members_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "/a", "a//b", "../a", "a/../b", "./a", "a/.wh.b", "\xff"};
	struct image_layer l = {0};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		image_add_data(&l, bad[i], "", 0, 0644, 0, 0);
		assert_int_equal(layer_settle(&l, &e), -EINVAL);
		image_layer_free(&l);
	}
	image_add_data(&l, "a", "", 0, 04755, 0, 0);
	assert_int_equal(layer_settle(&l, &e), -EINVAL);
	image_layer_free(&l);
	image_add_data(&l, "a", "", 0, 0644, 0, 0);
	image_add_link(&l, "a", "b");
	assert_int_equal(layer_settle(&l, &e), -EEXIST);
	image_layer_free(&l);
	image_add_link(&l, "a", "b");
	image_add_data(&l, "a/c", "", 0, 0644, 0, 0);
	assert_int_equal(layer_settle(&l, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "a is not a folder"));
	image_layer_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_escaped_as_go_does),
		cmocka_unit_test(commas_come_by_themselves),
		cmocka_unit_test(utf8_is_checked),
		cmocka_unit_test(names_get_the_default_domain),
		cmocka_unit_test(tags_are_checked),
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(config_has_the_order_of_go),
		cmocka_unit_test(parents_are_added_and_sorted),
		cmocka_unit_test(bad_members_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

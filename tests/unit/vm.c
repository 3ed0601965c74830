/* SPDX-License-Identifier: Apache-2.0 */
/* lib/vm: boot records, vm.json, QEMU's command line, frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/record.h"
#include "core/file.h"
#include "core/mem.h"
#include "vm/channel.h"
#include "vm/config.h"
#include "vm/record.h"
#include "vm/vm.h"
#include "vm/volume.h"

static int collect(
	uint32_t type, const void *p, size_t n, void *arg, struct err *e)
{
	struct buf *out = arg;

	(void)e;
	buf_addf(out, "%u:", type);
	buf_add(out, p, n);
	buf_adds(out, ";");
	return 0;
}

static void record_holds_what_was_added(void **state)
{
	static char *const args[] = {
		(char *)(uintptr_t) "a b", (char *)(uintptr_t) "", NULL};
	_buf_ struct buf b = {0}, out = {0};
	struct err e;

	(void)state;
	record_begin(&b);
	record_add_list(&b, RECORD_ARG, args);
	record_add_file(&b, "/etc/x", "12", 2);
	record_add_list(&b, RECORD_ENV, NULL);
	assert_int_equal(record_end(&b, &e), 0);
	assert_int_equal(b.len % 8, 0);
	assert_int_equal(record_walk(b.data, b.len, collect, &out, &e), 0);
	assert_int_equal(out.len, 21);
	assert_memory_equal(out.data, "1:a b;1:;5:/etc/x\00012;", 21);
}

static void record_over_the_limit_is_refused(void **state)
{
	_buf_ struct buf b = {0};
	_free_ char *big = xcalloc(1, RECORD_MAX);
	struct err e;

	(void)state;
	record_begin(&b);
	record_add(&b, RECORD_ARG, big, RECORD_MAX);
	assert_int_equal(record_end(&b, &e), -E2BIG);
}

static void broken_records_are_refused(void **state)
{
	_buf_ struct buf good = {0}, out = {0};
	struct err e;

	(void)state;
	record_begin(&good);
	record_add_str(&good, RECORD_CWD, "/tmp");
	assert_int_equal(record_end(&good, &e), 0);
	for (size_t n = 0; n < good.len; n++)
		assert_int_equal(
			record_walk(good.data, n, collect, &out, &e), -EINVAL);
	good.data[8] = 2; /* version */
	assert_int_equal(
		record_walk(good.data, good.len, collect, &out, &e), -EINVAL);
	good.data[8] = 1;
	good.data[20] = 127; /* an item longer than the record */
	assert_int_equal(
		record_walk(good.data, good.len, collect, &out, &e), -EINVAL);
	good.data[0] ^= 1;
	assert_int_equal(
		record_walk(good.data, good.len, collect, &out, &e), -EINVAL);
}

static char *put_config(const char *text)
{
	struct err e;
	char *dir = file_temp_dir("vm-test", &e);
	_free_ char *path = path_join(dir, "vm.json");

	assert_int_equal(file_put(path, text, strlen(text), 0644, &e), 0);
	return dir;
}

static int read_config(
	const char *text, const char *root, struct vm_config *c, struct err *e)
{
	_free_ char *dir = put_config(text);
	_free_ char *path = path_join(dir, "vm.json");
	struct err ignored;
	int r = vm_config_read(path, root, c, e);

	file_remove_tree(dir, &ignored);
	return r;
}

static void config_comes_back_as_written(void **state)
{
	_vm_config_ struct vm_config c = {0}, back = {0};
	_buf_ struct buf text = {0}, again = {0};
	struct err e = {0};

	(void)state;
	vm_config_init(&c);
	c.name = xstrdup("x\"\\\n\t\x7f\xc3\xa9");
	c.kernel = xstrdup("/k");
	c.memory = 5ull << 30;
	strv_add(&c.args, "");
	strv_add(&c.args, "a, b");
	vm_config_write(&c, &text);
	assert_int_equal(read_config(text.data, NULL, &back, &e), 0);
	assert_string_equal(back.name, c.name);
	assert_int_equal(back.args.n, 2);
	assert_string_equal(back.args.v[1], "a, b");
	assert_true(back.memory == 5ull << 30);
	assert_null(back.hostname);
	vm_config_write(&back, &again);
	assert_string_equal(text.data, again.data);
}

static void config_paths_are_found_from_the_file(void **state)
{
	_vm_config_ struct vm_config c = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(read_config("{\"version\":1,\"name\":\"x\","
				     "\"kernel\":\"kernel\",\"disk\":\"/d\"}",
				 "/root", &c, &e),
		0);
	assert_non_null(strstr(c.kernel, "/kernel"));
	assert_int_equal(c.kernel[0], '/');
	assert_string_equal(c.disk, "/root/d");
	assert_string_equal(c.machine, "microvm");
}

static void broken_configs_are_refused(void **state)
{
	static const char *const bad[][2] = {
		{"", "expected"},
		{"[]", "not an object"},
		{"{}", "version or name"},
		{"{\"version\":2}", "version is not 1"},
		{"{\"version\":1,\"name\":\"x\"}", "neither kernel nor disk"},
		{"{\"version\":1,\"nam\":\"x\"}", "unknown key \"nam\""},
		{"{\"version\":1,\"name\":1}", "\"name\" has a bad value"},
		{"{\"version\":1,\"cpus\":-1}", "\"cpus\" has a bad value"},
		{"{\"version\":1,\"args\":[1]}", "\"args\" has a bad value"},
		{"{\"version\":1,\"version\":1}", "duplicate"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		_vm_config_ struct vm_config c = {0};
		struct err e = {0};

		assert_int_equal(read_config(bad[i][0], NULL, &c, &e), -EINVAL);
		if (!strstr(e.msg, bad[i][1]))
			fail_msg("%s: %s", bad[i][0], e.msg);
	}
}

static char *command(const struct vm_plan *p, struct err *e)
{
	_strv_ struct strv v = {0};
	struct vm_fds fds = {
		.chan = 5, .serial = 6, .monitor = -1, .record = 7};

	if (vm_plan_command(p, &fds, VM_ACCEL_TCG, &v, e) < 0)
		return NULL;
	return strv_quote(v.v);
}

static void command_names_everything(void **state)
{
	struct vm_plan p = {.machine = "pc",
		.memory = 3 << 20,
		.kernel = "/k",
		.disk = "/a,b"};
	struct err e = {0};
	_free_ char *c = command(&p, &e);

	(void)state;
	assert_non_null(c);
	assert_non_null(strstr(c, "-m 3M"));
	assert_non_null(strstr(c, "file.filename=/a,,b"));
	assert_non_null(strstr(c, "read-only=on"));
	assert_non_null(strstr(c, "virtio-serial-pci"));
	assert_non_null(strstr(c, "-sandbox on,obsolete=deny"));
	assert_non_null(strstr(c, "file=/proc/self/fd/7"));
}

static void volumes_become_devices_and_items(void **state)
{
	_vm_volumes_ struct vm_volumes l = {0};
	struct vm_plan p = {.machine = "microvm",
		.memory = 8 << 20,
		.kernel = "/k",
		.volumes = &l};
	_buf_ struct buf record = {0};
	struct err e = {0};
	char *c;

	(void)state;
	assert_int_equal(vm_volume_parse(&l, "/tmp/:/b//./c/:ro", &e), 0);
	assert_int_equal(vm_volume_parse(&l, "/etc/passwd:/a/p", &e), 0);
	assert_int_equal(vm_volume_parse(&l, "/etc/group:/dev/vdb", &e), 0);
	vm_volume_add_tmpfs(&l, "/m", 65536, 0711, 0);
	assert_int_equal(vm_volumes_sort(&l, &e), 0);
	assert_string_equal(l.v[1].guest, "/b/c");
	c = command(&p, &e);
	assert_non_null(c);
	assert_non_null(strstr(c, "id=vol1,path=/tmp,security_model=none"));
	assert_non_null(strstr(c, "readonly=on"));
	assert_non_null(strstr(c, "virtio-9p-device,fsdev=vol1"));
	assert_non_null(strstr(c, "node-name=vdb,read-only=off"));
	free(c);
	record_begin(&record);
	vm_volumes_record(&l, &record);
	assert_int_equal(record_end(&record, &e), 0);
	assert_non_null(
		memmem(record.data, record.len, "\0/a/p\0file,mode=644", 19));
	assert_non_null(memmem(record.data, record.len, "vol1\0/b/c\0ro", 13));
	assert_non_null(memmem(record.data, record.len,
		"\0/m\0tmpfs,mode=711,size=65536", 29));
	/* More devices than a microvm has places for. */
	for (char g[] = "/x0"; g[2] < '8'; g[2]++)
		assert_int_equal(vm_volume_add(&l, "/tmp", g, 0, &e), 0);
	c = command(&p, &e);
	assert_non_null(c);
	assert_non_null(strstr(c, "-M pc,"));
	free(c);
}

static void bad_volumes_are_refused(void **state)
{
	static const char *const bad[][2] = {
		{"/tmp", "is not HOST:GUEST"},
		{":/a", "is not HOST:GUEST"},
		{"name:/a", "Docker's; a folder here is ./name"},
		{"/tmp:a", "is not absolute"},
		{"/tmp:/a/../b", "is not absolute"},
		{"/tmp:/", "root cannot be a volume"},
		{"/tmp:/a:rx", "not one of ro, rw"},
		{"/tmp:/proc/x", "/proc is the guest's own"},
		{"/tmp:/dev/vda", "/dev is the guest's own"},
		{"/tmp:/dev/vdb", "neither a file nor a block device"},
		{"/dev/null:/a", "neither a folder nor a regular file"},
		{"/no/such:/a", "No such file"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		_vm_volumes_ struct vm_volumes l = {0};
		struct err e = {0};

		assert_true(vm_volume_parse(&l, bad[i][0], &e) < 0);
		if (!strstr(e.msg, bad[i][1]))
			fail_msg("%s: %s", bad[i][0], e.msg);
	}
}

static void impossible_plans_are_refused(void **state)
{
	struct vm_plan p = {.machine = "microvm", .memory = 1 << 20};
	struct err e = {0};

	(void)state;
	assert_null(command(&p, &e));
	assert_non_null(strstr(e.msg, "neither a kernel nor a disk"));
	p.disk = "/d";
	assert_null(command(&p, &e));
	assert_non_null(strstr(e.msg, "a disk boots on pc"));
	p.kernel = "/k";
	p.cpus = 2;
	assert_null(command(&p, &e));
	assert_non_null(strstr(e.msg, "2 CPUs"));
	p.cpus = 1;
	p.machine = "vax";
	assert_null(command(&p, &e));
	assert_non_null(strstr(e.msg, "\"vax\""));
}

/* All parts of a stream, given `step` bytes at a time. */
static int parse(const struct buf *in, size_t step, struct buf *out)
{
	struct channel_rx rx = {0};
	struct channel_part part;
	struct err e = {0};
	size_t at = 0, used;
	int r = 0;

	while (r >= 0 && at < in->len) {
		size_t n = in->len - at < step ? in->len - at : step;

		r = channel_next(&rx, in->data + at, n, &used, &part, &e);
		at += used;
		if (r > 0 && part.len) {
			buf_addf(out, "%u", part.type);
			buf_add(out, part.data, part.len);
		}
	}
	channel_rx_free(&rx);
	return r;
}

static void frames_come_in_any_pieces(void **state)
{
	_buf_ struct buf in = {0}, all = {0};

	(void)state;
	channel_put(&in, CHANNEL_OUT, "", 0);
	channel_put(&in, CHANNEL_LOG, "log", 3);
	channel_put(&in, CHANNEL_OUT, "o", 1);
	channel_put(&in, CHANNEL_EXIT, "abcd", 4);
	assert_true(parse(&in, in.len, &all) >= 0);
	assert_string_equal(all.data, "3log1o6abcd");
	for (size_t step = 1; step < in.len; step++) {
		_buf_ struct buf out = {0};

		assert_true(parse(&in, step, &out) >= 0);
		assert_string_equal(out.data, all.data);
	}
}

static void malformed_frames_are_refused(void **state)
{
	static const unsigned char bad[][8] = {
		{0, 0, 0, 0, 0, 0, 0, 0},           /* no type */
		{CHANNEL_IN, 0, 0, 0, 0, 0, 0, 0},  /* ours to send */
		{200, 0, 0, 0, 0, 0, 0, 0},         /* unknown */
		{CHANNEL_OUT, 1, 0, 0, 1, 0, 0, 0}, /* not zero */
		{CHANNEL_OUT, 0, 0, 0, 1, 0, 1, 0}, /* 65537 */
		{CHANNEL_LOG, 0, 0, 0, 0, 0, 0, 255},
		{CHANNEL_EXIT, 0, 0, 0, 3, 0, 0, 0},
		{CHANNEL_WANT, 0, 0, 0, 8, 0, 0, 0},
		{CHANNEL_TERMIOS, 0, 0, 0, 60, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		_buf_ struct buf in = {0}, out = {0};

		buf_add(&in, bad[i], 8);
		assert_int_equal(parse(&in, 8, &out), -EPROTO);
	}
}

/* The guest is not trusted: whatever it sends, no part is out of bounds. */
static void any_bytes_are_parsed_within_bounds(void **state)
{
	uint64_t seed = 88172645463325252u;
	unsigned char in[512];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct channel_rx rx = {0};
		struct channel_part part;
		struct err e;
		size_t at = 0, used;
		int r = 0;

		for (size_t i = 0; i < sizeof(in); i++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			/* Mostly heads that are nearly right. */
			in[i] = seed & 7 ? 0 : (unsigned char)(seed >> 32) & 7;
		}
		while (r >= 0 && at < sizeof(in)) {
			size_t n = 1 + (seed >> at % 32) % 61;

			if (n > sizeof(in) - at)
				n = sizeof(in) - at;
			r = channel_next(&rx, in + at, n, &used, &part, &e);
			assert_true(used <= n && (r != 0 || used == n));
			if (r > 0 && part.type <= CHANNEL_ERR)
				assert_true(
					part.data >= in + at &&
					part.data + part.len <= in + at + used);
			at += used;
		}
		channel_rx_free(&rx);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_holds_what_was_added),
		cmocka_unit_test(record_over_the_limit_is_refused),
		cmocka_unit_test(broken_records_are_refused),
		cmocka_unit_test(config_comes_back_as_written),
		cmocka_unit_test(config_paths_are_found_from_the_file),
		cmocka_unit_test(broken_configs_are_refused),
		cmocka_unit_test(command_names_everything),
		cmocka_unit_test(volumes_become_devices_and_items),
		cmocka_unit_test(bad_volumes_are_refused),
		cmocka_unit_test(impossible_plans_are_refused),
		cmocka_unit_test(frames_come_in_any_pieces),
		cmocka_unit_test(malformed_frames_are_refused),
		cmocka_unit_test(any_bytes_are_parsed_within_bounds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/core: values, strings, processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/digest.h"
#include "core/err.h"
#include "core/hasher.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/proc.h"
#include "core/size.h"

static void err_wraps_and_keeps_the_code(void **state)
{
	struct err e;

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_errno(&e, "open %s", "x"), -ENOENT);
	assert_int_equal(err_wrap(&e, "build %s", "nginx"), -ENOENT);
	assert_string_equal(
		e.msg, "build nginx: open x: No such file or directory");
	assert_int_equal(err_at(&e, "a.json", 3, 7, "bad %d", 1), -EINVAL);
	assert_string_equal(e.msg, "a.json:3:7: error: bad 1");
	/* A message may be made of itself. */
	err_set(&e, -EIO, "%s again", e.msg);
	assert_string_equal(e.msg, "a.json:3:7: error: bad 1 again");
}

static void err_cuts_long_messages(void **state)
{
	_free_ char *text = xmalloc(10000);
	struct err e;

	(void)state;
	memset(text, 'x', 9999);
	text[9999] = 0;
	err_set(&e, -EIO, "%s", text);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	errno = EIO;
	err_errno(&e, "%s", text);
	err_wrap(&e, "%s", text);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
}

static void buf_grows_and_stays_terminated(void **state)
{
	_buf_ struct buf b = {0};
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		buf_addf(&b, "%d,", i);
	assert_int_equal(b.len, 10 * 2 + 90 * 3 + 900 * 4);
	assert_int_equal(b.data[b.len], 0);
	buf_add_zero(&b, 3);
	buf_add_le(&b, 0x0102030405060708, 8);
	assert_memory_equal(b.data + b.len - 11, "\0\0\0\10\7\6\5\4\3\2\1", 11);
}

static void buf_steal_of_nothing_is_an_empty_string(void **state)
{
	struct buf b = {0};
	_free_ char *s = buf_steal(&b);

	(void)state;
	assert_string_equal(s, "");
	assert_null(b.data);
}

static void strv_is_null_terminated(void **state)
{
	_strv_ struct strv s = {0};
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		strv_addf(&s, "%d", i);
	assert_int_equal(s.n, 100);
	assert_null(s.v[100]);
	assert_string_equal(s.v[99], "99");
}

/* Runs it and returns what it wrote. */
static char *output_of(char *const *argv)
{
	struct proc p = PROC_INIT(argv);
	struct buf out = {0};
	struct err e;

	p.out = &out;
	if (proc_check(&p, &e) < 0)
		fail_msg("%s", e.msg);
	return buf_steal(&out);
}

static void quoted_words_survive_a_shell(void **state)
{
	static const char *const words[] = {"printf", "<%s>", "", " ", "a b",
		"it's", "\"", "$HOME", "`id`", "\\", "*", "~", "a=b", "\n",
		"--", "\xc3\xa4", "!", "#", "&&"};
	_strv_ struct strv s = {0};
	_free_ char *line = NULL;
	_free_ char *direct = NULL;
	_free_ char *through = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		strv_add(&s, words[i]);
	line = strv_quote(s.v);
	direct = output_of(s.v);
	through = output_of(
		(char *[]){(char[]){"sh"}, (char[]){"-c"}, line, NULL});
	assert_string_equal(direct, through);
}

static void a_plain_command_is_not_quoted(void **state)
{
	_free_ char *line = strv_quote((char *[]){(char[]){"gcc"},
		(char[]){"-O2"}, (char[]){"-DX=1"}, (char[]){"a/b.c"}, NULL});

	(void)state;
	assert_string_equal(line, "gcc -O2 -DX=1 a/b.c");
}

static void near_words_are_found(void **state)
{
	static const char *const words[] = {
		"target", "sources", "memory", "ports", "env", "stop_signal"};

	(void)state;
	assert_string_equal(near_find("tarGet", words, 6), "target");
	assert_string_equal(near_find("source", words, 6), "sources");
	assert_string_equal(near_find("memroy", words, 6), "memory");
	assert_string_equal(near_find("stop-signal", words, 6), "stop_signal");
	assert_null(near_find("colour", words, 6));
	assert_null(near_find("x", words, 6));
	assert_null(near_find("", words, 6));
	assert_null(near_find("0123456789012345678901234567890123456789012345"
			      "678901234567890123456789",
		words, 6));
}

static void sizes_have_units(void **state)
{
	uint64_t n = 7;

	(void)state;
	assert_int_equal(size_parse("64M", &n), 0);
	assert_int_equal(n, 64 << 20);
	assert_int_equal(size_parse("512k", &n), 0);
	assert_int_equal(n, 512 << 10);
	assert_int_equal(size_parse("2GiB", &n), 0);
	assert_int_equal(n, (uint64_t)2 << 30);
	assert_int_equal(size_parse("64", &n), -EINVAL);
	assert_int_equal(size_parse("M", &n), -EINVAL);
	assert_int_equal(size_parse("-1M", &n), -EINVAL);
	assert_int_equal(size_parse("1 M", &n), -EINVAL);
	assert_int_equal(size_parse("1MB", &n), -EINVAL);
	assert_int_equal(size_parse("0M", &n), -ERANGE);
	assert_int_equal(size_parse("1025G", &n), -ERANGE);
	assert_int_equal(size_parse("99999999999999999999K", &n), -ERANGE);
	assert_int_equal(n, (uint64_t)2 << 30);
}

static void digests_are_sha256(void **state)
{
	struct digest d;

	(void)state;
	digest_init(&d);
	digest_add(&d, "a", 1);
	digest_add(&d, "bc", 2);
	assert_string_equal(digest_end(&d).s,
		"ba7816bf8f01cfea414140de5dae2223"
		"b00361a396177a9cb410ff61f20015ad");
}

static void digests_keep_strings_apart(void **state)
{
	struct digest_hex x, y;
	struct digest d;

	(void)state;
	digest_init(&d);
	digest_add_str(&d, "ab");
	digest_add_str(&d, "c");
	x = digest_end(&d);
	digest_init(&d);
	digest_add_str(&d, "a");
	digest_add_str(&d, "bc");
	y = digest_end(&d);
	assert_string_not_equal(x.s, y.s);
}

/* Around the ends of blocks and of the queue, in pieces of any size. */
static void a_hasher_gives_the_same_digest(void **state)
{
	static const size_t sizes[] = {0, 1, 1 << 20, (1 << 20) + 1,
		(9 << 17) - 1, 9 << 17, (9 << 17) + 1, (40 << 17) + 77};
	static const size_t pieces[] = {1 << 17, 65536, 1000003, 4093};
	const size_t most = (40 << 17) + 77;
	_free_ unsigned char *p = xmalloc(most);

	(void)state;
	for (size_t i = 0; i < most; i++)
		p[i] = (unsigned char)(i * 2654435761u >> 13);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct hasher *h = hasher_new();
		struct digest_hex x, y;
		struct digest d;

		digest_init(&d);
		digest_add(&d, p, sizes[i]);
		x = digest_end(&d);
		for (size_t at = 0; at < sizes[i];) {
			size_t n = pieces[i % 4];

			if (n > sizes[i] - at)
				n = sizes[i] - at;
			hasher_add(h, p + at, n);
			at += n;
		}
		y = hasher_end(h);
		hasher_free(h);
		assert_string_equal(x.s, y.s);
	}
}

static void a_hasher_can_be_left_in_the_middle(void **state)
{
	static const unsigned char zeros[1 << 17];
	struct hasher *h = hasher_new();

	(void)state;
	for (int i = 0; i < 50; i++)
		hasher_add(h, zeros, sizeof(zeros));
	hasher_free(h);
	hasher_free(hasher_new());
	hasher_free(NULL);
}

static void proc_tells_exit_from_signal(void **state)
{
	char *exits[] = {
		(char[]){"sh"}, (char[]){"-c"}, (char[]){"exit 7"}, NULL};
	char *dies[] = {
		(char[]){"sh"}, (char[]){"-c"}, (char[]){"kill -9 $$"}, NULL};
	struct proc p = PROC_INIT(exits);
	struct proc_status st;
	struct err e;

	(void)state;
	assert_int_equal(proc_run(&p, &st, &e), 0);
	assert_int_equal(st.exited, 7);
	assert_int_equal(st.signal, 0);
	assert_int_equal(proc_check(&p, &e), -EIO);
	assert_string_equal(e.msg, "sh: exit status 7");
	p.argv = dies;
	assert_int_equal(proc_run(&p, &st, &e), 0);
	assert_int_equal(st.exited, -1);
	assert_int_equal(st.signal, SIGKILL);
	assert_int_equal(proc_check(&p, &e), -EIO);
	assert_string_equal(e.msg, "sh: ended by signal 9 (Killed)");
}

static void proc_check_tells_what_was_said(void **state)
{
	char *argv[] = {(char[]){"sh"}, (char[]){"-c"},
		(char[]){"echo in; echo no good >&2; exit 3"}, NULL};
	_buf_ struct buf text = {0};
	struct proc p = PROC_INIT(argv);
	struct err e;

	(void)state;
	p.out = &text;
	p.err = &text;
	assert_int_equal(proc_check(&p, &e), -EIO);
	assert_string_equal(e.msg, "sh: exit status 3: in\nno good");
}

static void proc_names_what_it_cannot_run(void **state)
{
	char *argv[] = {(char[]){"slipway-no-such-program"}, NULL};
	char *here[] = {(char[]){"true"}, NULL};
	struct proc p = PROC_INIT(argv);
	struct proc_status st;
	struct err e;

	(void)state;
	assert_int_equal(proc_run(&p, &st, &e), -ENOENT);
	assert_string_equal(e.msg,
		"run slipway-no-such-program: No such file or directory "
		"(slipway doctor tells what is missing)");
	p.argv = here;
	p.cwd = "/no/such/folder";
	assert_int_equal(proc_run(&p, &st, &e), -ENOENT);
	assert_string_equal(e.msg,
		"run true in /no/such/folder: No such file or directory");
}

static void proc_sets_folder_and_environment(void **state)
{
	char *argv[] = {(char[]){"sh"}, (char[]){"-c"},
		(char[]){"pwd; echo \"$SLIPWAY_A,$SLIPWAY_B\""}, NULL};
	char *env[] = {(char[]){"SLIPWAY_A=x y"}, NULL};
	struct proc p = PROC_INIT(argv);
	_buf_ struct buf out = {0};
	struct err e;

	(void)state;
	setenv("SLIPWAY_A", "old", 1);
	setenv("SLIPWAY_B", "kept", 1);
	p.cwd = "/";
	p.env = env;
	p.out = &out;
	assert_int_equal(proc_check(&p, &e), 0);
	assert_string_equal(out.data, "/\nx y,kept\n");
}

static void proc_collects_both_outputs_without_blocking(void **state)
{
	char *argv[] = {(char[]){"sh"}, (char[]){"-c"},
		(char[]){"head -c 300000 /dev/zero >&2; "
			 "head -c 300000 /dev/zero"},
		NULL};
	struct proc p = PROC_INIT(argv);
	_buf_ struct buf out = {0};
	_buf_ struct buf err = {0};
	struct err e;

	(void)state;
	p.out = &out;
	p.err = &err;
	assert_int_equal(proc_check(&p, &e), 0);
	assert_int_equal(out.len, 300000);
	assert_int_equal(err.len, 300000);
	p.err = &out;
	assert_int_equal(proc_check(&p, &e), 0);
	assert_int_equal(out.len, 900000);
	p.out = NULL;
	assert_int_equal(proc_spawn(&p, &e), -EINVAL);
}

static void proc_which_looks_in_path(void **state)
{
	_free_ char *sh = proc_which("sh");
	_free_ char *abs = proc_which("/bin/sh");
	_free_ char *none = proc_which("slipway-no-such-program");
	_free_ char *folder = proc_which("/bin");

	(void)state;
	assert_non_null(sh);
	assert_int_equal(sh[0], '/');
	assert_string_equal(abs, "/bin/sh");
	assert_null(none);
	assert_null(folder);
}

static void keep_line(enum log_kind kind, const char *text, void *arg)
{
	if (kind == LOG_COMMAND)
		buf_adds(arg, text);
}

static void commands_are_logged_so_that_they_can_be_pasted(void **state)
{
	char *argv[] = {(char[]){"true"}, (char[]){"a b"}, NULL};
	char *env[] = {(char[]){"X=1 2"}, NULL};
	struct proc p = PROC_INIT(argv);
	_buf_ struct buf line = {0};
	struct err e;

	(void)state;
	p.cwd = "/";
	p.env = env;
	log_set(keep_line, &line);
	assert_int_equal(proc_check(&p, &e), 0);
	log_set(NULL, NULL);
	assert_string_equal(line.data, "cd / && env 'X=1 2' true 'a b'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(err_wraps_and_keeps_the_code),
		cmocka_unit_test(err_cuts_long_messages),
		cmocka_unit_test(buf_grows_and_stays_terminated),
		cmocka_unit_test(buf_steal_of_nothing_is_an_empty_string),
		cmocka_unit_test(strv_is_null_terminated),
		cmocka_unit_test(quoted_words_survive_a_shell),
		cmocka_unit_test(a_plain_command_is_not_quoted),
		cmocka_unit_test(near_words_are_found),
		cmocka_unit_test(sizes_have_units),
		cmocka_unit_test(digests_are_sha256),
		cmocka_unit_test(digests_keep_strings_apart),
		cmocka_unit_test(a_hasher_gives_the_same_digest),
		cmocka_unit_test(a_hasher_can_be_left_in_the_middle),
		cmocka_unit_test(proc_tells_exit_from_signal),
		cmocka_unit_test(proc_check_tells_what_was_said),
		cmocka_unit_test(proc_names_what_it_cannot_run),
		cmocka_unit_test(proc_sets_folder_and_environment),
		cmocka_unit_test(proc_collects_both_outputs_without_blocking),
		cmocka_unit_test(proc_which_looks_in_path),
		cmocka_unit_test(
			commands_are_logged_so_that_they_can_be_pasted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

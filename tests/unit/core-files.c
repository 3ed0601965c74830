/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/core: files, trees and the cache. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/cache.h"
#include "core/file.h"
#include "core/mem.h"

/* Each test has a folder of its own, and works in it. */
static int set_up(void **state)
{
	/* Not by file_temp_dir: a child that ends by a signal would remove
	 * it. */
	*state = mkdtemp(xstrdup("/tmp/slipway-test.XXXXXX"));
	return *state ? chdir(*state) : -1;
}

static int tear_down(void **state)
{
	struct err e;
	int r = chdir("/");

	if (r == 0)
		r = file_remove_tree(*state, &e);
	free(*state);
	return r;
}

static void put(const char *path, const char *text)
{
	struct err e;

	assert_int_equal(file_put(path, text, strlen(text), 0644, &e), 0);
}

static void assert_holds(const char *path, const char *text)
{
	_buf_ struct buf b = {0};
	struct err e;

	if (file_read(path, 1 << 20, &b, &e) < 0)
		fail_msg("%s", e.msg);
	assert_string_equal(b.data ? b.data : "", text);
}

static int exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static unsigned count_entries(void)
{
	unsigned n = 0;
	FILE *f = popen("ls -A | wc -l", "r");

	assert_int_equal(fscanf(f, "%u", &n), 1);
	pclose(f);
	return n;
}

static void read_appends_and_refuses_large_files(void **state)
{
	_buf_ struct buf b = {0};
	struct err e;

	(void)state;
	put("a", "hello");
	buf_adds(&b, ">");
	assert_int_equal(file_read("a", 5, &b, &e), 0);
	assert_string_equal(b.data, ">hello");
	assert_int_equal(file_read("a", 4, &b, &e), -EFBIG);
	assert_int_equal(file_read("none", 4, &b, &e), -ENOENT);
	assert_string_equal(e.msg, "open none: No such file or directory");
	assert_string_equal(b.data, ">hello");
	/* Its size cannot be asked for beforehand. */
	assert_int_equal(file_read("/dev/zero", 1000, &b, &e), -EFBIG);
}

static void output_appears_whole_or_not_at_all(void **state)
{
	struct outfile f;
	struct err e;

	(void)state;
	put("x", "old");
	assert_int_equal(file_create(&f, "x", 0640, &e), 0);
	assert_int_equal(file_write_all(f.fd, "new", 3, &e), 0);
	assert_holds("x", "old");
	file_abort(&f);
	assert_holds("x", "old");
	assert_int_equal(count_entries(), 1);
	assert_int_equal(file_create(&f, "x", 0640, &e), 0);
	assert_int_equal(file_write_all(f.fd, "new", 3, &e), 0);
	assert_int_equal(file_commit(&f, &e), 0);
	file_abort(&f); /* does nothing any more */
	assert_holds("x", "new");
	assert_int_equal(count_entries(), 1);
	assert_int_equal(file_create(&f, "no/such/x", 0644, &e), -ENOENT);
}

static void output_gets_its_mode(void **state)
{
	struct stat st;
	struct err e;
	mode_t old = umask(027);

	(void)state;
	assert_int_equal(file_put("x", "", 0, 0755, &e), 0);
	umask(old);
	assert_int_equal(stat("x", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
}

static void a_signal_leaves_nothing_behind(void **state)
{
	struct outfile f;
	struct err e;
	int status;
	pid_t pid;

	(void)state;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setenv("TMPDIR", ".", 1);
		file_catch_signals();
		if (file_create(&f, "x", 0644, &e) == 0 &&
			file_temp_dir("d", &e))
			raise(SIGTERM);
		_exit(3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	assert_int_equal(count_entries(), 0);
}

static void copies_keep_holes(void **state)
{
	_close_ int from = open("a", O_RDWR | O_CREAT, 0644);
	_close_ int to = open("b", O_RDWR | O_CREAT, 0644);
	struct stat a, b;
	char got[4] = "xyz";
	struct err e;

	(void)state;
	assert_int_equal(file_pwrite_all(from, "abc", 3, 0, &e), 0);
	assert_int_equal(file_pwrite_all(from, "def", 3, 8 << 20, &e), 0);
	assert_int_equal(ftruncate(from, 16 << 20), 0);
	assert_int_equal(file_copy_range(from, 0, to, 0, UINT64_MAX, &e), 0);
	assert_int_equal(fstat(from, &a), 0);
	assert_int_equal(fstat(to, &b), 0);
	assert_int_equal(b.st_size, 16 << 20);
	assert_true(b.st_blocks <= a.st_blocks + 16);
	assert_int_equal(pread(to, got, 3, 8 << 20), 3);
	assert_string_equal(got, "def");
	/* A hole over bytes that are there makes them zero. */
	assert_int_equal(file_copy_range(from, 4 << 20, to, 0, 1 << 20, &e), 0);
	assert_int_equal(pread(to, got, 3, 0), 3);
	assert_memory_equal(got, "\0\0\0", 3);
	assert_int_equal(file_copy_range(from, 16 << 20, to, 0, 1, &e), -EIO);
}

static int note(const char *path, const char *rel, const struct stat *st,
	void *arg, struct err *e)
{
	(void)path;
	(void)e;
	buf_addf(arg, "%s%s ", rel, S_ISDIR(st->st_mode) ? "/" : "");
	return 0;
}

static void walks_go_in_bytewise_order(void **state)
{
	_buf_ struct buf seen = {0};
	struct err e;

	(void)state;
	assert_int_equal(file_mkdirs("t/b/c", &e), 0);
	assert_int_equal(file_mkdirs("t/b/c", &e), 0);
	put("t/b/c/z", "");
	put("t/B", "");
	put("t/a", "");
	put("t/b.x", "");
	assert_int_equal(symlink("..", "t/link"), 0);
	assert_int_equal(file_walk("t", note, &seen, &e), 0);
	assert_string_equal(seen.data, "/ B a b/ b/c/ b/c/z b.x link ");
}

static void trees_are_removed_and_links_not_followed(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(file_mkdirs("keep/me", &e), 0);
	assert_int_equal(file_mkdirs("t/a/b", &e), 0);
	put("t/a/f", "");
	assert_int_equal(symlink("../keep", "t/link"), 0);
	assert_int_equal(file_remove_tree("t", &e), 0);
	assert_false(exists("t"));
	assert_true(exists("keep/me"));
	assert_int_equal(file_remove_tree("t", &e), 0);
	put("f", "");
	assert_true(file_mkdirs("f/x", &e) < 0);
}

static void paths_are_joined_and_cut(void **state)
{
	static const char *const dirs[][2] = {{"a/b", "a"}, {"a", "."},
		{"/a", "/"}, {"/", "/"}, {"a//b", "a"}, {"/a/b/", "/a/b"}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		_free_ char *dir = path_dir(dirs[i][0]);

		assert_string_equal(dir, dirs[i][1]);
	}
	{
		_free_ char *a = path_join("d", "n");
		_free_ char *b = path_join("d/", "n");
		_free_ char *c = path_join("d", "/n");
		_free_ char *d = path_join("", "n");

		assert_string_equal(a, "d/n");
		assert_string_equal(b, "d/n");
		assert_string_equal(c, "/n");
		assert_string_equal(d, "n");
	}
	assert_string_equal(path_base("a/b"), "b");
	assert_string_equal(path_base("b"), "b");
}

/* --- the cache ----------------------------------------------------------- */

static struct digest_hex key_of(int i)
{
	struct digest d;

	digest_init(&d);
	digest_add(&d, &i, sizeof(i));
	return digest_end(&d);
}

static void cache_gives_back_what_was_put(void **state)
{
	_cache_ struct cache c = {0};
	struct digest_hex key = key_of(1), other = key_of(2);
	struct stat st;
	struct err e;

	(void)state;
	setenv("SLIPWAY_CACHE", "cache", 1);
	assert_int_equal(cache_open(&c, &e), 0);
	put("in", "bytes");
	assert_int_equal(cache_get(&c, &key, "out", 0755, &e), 0);
	assert_false(exists("out"));
	assert_int_equal(cache_put(&c, &key, "in", &e), 0);
	assert_int_equal(cache_get(&c, &key, "out", 0755, &e), 1);
	assert_holds("out", "bytes");
	assert_int_equal(stat("out", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(cache_get(&c, &other, "out2", 0644, &e), 0);
	assert_int_equal(cache_put(&c, &key, "none", &e), -ENOENT);
}

static void cache_does_not_trust_a_damaged_entry(void **state)
{
	_cache_ struct cache c = {0};
	struct digest_hex key = key_of(1);
	_free_ char *entry = NULL;
	struct err e;

	(void)state;
	setenv("SLIPWAY_CACHE", "cache", 1);
	assert_int_equal(cache_open(&c, &e), 0);
	put("in", "bytes");
	assert_int_equal(cache_put(&c, &key, "in", &e), 0);
	entry = xasprintf("cache/v2/%.2s/%s", key.s, key.s + 2);
	assert_int_equal(truncate(entry, 19), 0);
	assert_int_equal(cache_get(&c, &key, "out", 0644, &e), 0);
	assert_false(exists("out"));
	assert_false(exists(entry));
	put(entry, "short");
	assert_int_equal(cache_get(&c, &key, "out", 0644, &e), 0);
}

static void cache_drops_what_was_not_used_longest(void **state)
{
	_cache_ struct cache c = {0};
	struct digest_hex key[3] = {key_of(0), key_of(1), key_of(2)};
	struct cache_info left;
	struct err e;
	int i;

	(void)state;
	setenv("SLIPWAY_CACHE", "cache", 1);
	assert_int_equal(cache_open(&c, &e), 0);
	put("in", "12345");
	for (i = 0; i < 3; i++) {
		assert_int_equal(cache_put(&c, &key[i], "in", &e), 0);
		usleep(10000);
	}
	assert_int_equal(cache_get(&c, &key[0], "out", 0644, &e), 1);
	assert_int_equal(cache_measure(&c, &left, &e), 0);
	assert_int_equal(left.entries, 3);
	assert_int_equal(left.bytes, 3 * (17 + 5));
	assert_int_equal(cache_prune(&c, 2 * (17 + 5), &left, &e), 0);
	assert_int_equal(left.entries, 2);
	assert_int_equal(left.bytes, 2 * (17 + 5));
	assert_int_equal(cache_get(&c, &key[0], "out", 0644, &e), 1);
	assert_int_equal(cache_get(&c, &key[1], "out", 0644, &e), 0);
	assert_int_equal(cache_get(&c, &key[2], "out", 0644, &e), 1);
}

static void cache_can_be_off_or_unwritable(void **state)
{
	struct digest_hex key = key_of(1);
	struct cache c = {0};
	struct err e;

	(void)state;
	put("in", "bytes");
	setenv("SLIPWAY_CACHE", "off", 1);
	assert_int_equal(cache_open(&c, &e), 0);
	assert_int_equal(cache_put(&c, &key, "in", &e), 0);
	assert_int_equal(cache_get(&c, &key, "out", 0644, &e), 0);
	cache_close(&c);
	setenv("SLIPWAY_CACHE", "in/below-a-file", 1);
	assert_int_equal(cache_open(&c, &e), 0);
	assert_int_equal(cache_put(&c, &key, "in", &e), 0);
	assert_int_equal(cache_get(&c, &key, "out", 0644, &e), 0);
	cache_close(&c);
	setenv("SLIPWAY_CACHE_MAX", "12Q", 1);
	assert_int_equal(cache_open(&c, &e), -EINVAL);
	unsetenv("SLIPWAY_CACHE_MAX");
}

/* One of several at once: puts and gets the same keys. */
static int work_cache(void)
{
	_cache_ struct cache c = {0};
	_free_ char *out = xasprintf("out.%d", (int)getpid());
	struct cache_info left;
	struct digest_hex key;
	struct err e;
	int i, r;

	if (cache_open(&c, &e) < 0)
		return 1;
	for (i = 0; i < 40; i++) {
		key = key_of(i % 4);
		if (cache_put(&c, &key, "in", &e) < 0)
			return 2;
		r = cache_get(&c, &key, out, 0644, &e);
		if (r < 0 ||
			(i % 8 == 7 && cache_prune(&c, 200, &left, &e) < 0))
			return 3;
		if (r == 1) {
			_buf_ struct buf b = {0};

			if (file_read(out, 100, &b, &e) < 0 ||
				strcmp(b.data, "bytes") != 0)
				return 4;
		}
	}
	return 0;
}

static void cache_serves_several_at_once(void **state)
{
	pid_t pid[4];
	int i, status;

	(void)state;
	setenv("SLIPWAY_CACHE", "cache", 1);
	put("in", "bytes");
	fflush(stdout);
	for (i = 0; i < 4; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			_exit(work_cache());
	}
	for (i = 0; i < 4; i++) {
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_int_equal(status, 0);
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(read_appends_and_refuses_large_files),
		CASE(output_appears_whole_or_not_at_all),
		CASE(output_gets_its_mode),
		CASE(a_signal_leaves_nothing_behind),
		CASE(copies_keep_holes),
		CASE(walks_go_in_bytewise_order),
		CASE(trees_are_removed_and_links_not_followed),
		CASE(paths_are_joined_and_cut),
		CASE(cache_gives_back_what_was_put),
		CASE(cache_does_not_trust_a_damaged_entry),
		CASE(cache_drops_what_was_not_used_longest),
		CASE(cache_can_be_off_or_unwritable),
		CASE(cache_serves_several_at_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

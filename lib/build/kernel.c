/* SPDX-License-Identifier: Apache-2.0 */
/* The program of the build host, and the kernel made of the same inputs. */
#include "build/build.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/record.h"
#include "build/collect.h"
#include "build/commands.h"
#include "build/imageroot.h"
#include "build/user.h"
#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/proc.h"
#include "linux/bundle.h"
#include "linux/initramfs.h"
#include "toolchain/compile.h"
#include "toolchain/explain.h"
#include "toolchain/note.h"
#include "toolchain/relink.h"
#include "vm/record.h"

/*
 * Compilers hold the lock too: when we are killed outright they go on for a
 * moment, and the next build must not read what they still write. A user's
 * own commands do not, since they may leave something that never ends.
 */
static void share_lock(const struct build *b, int flags)
{
	if (b->lock >= 0)
		fcntl(b->lock, F_SETFD, flags);
}

/* Is what starts a file of the root filesystem? */
static int is_in_root(const struct app *a)
{
	return a->program || a->image;
}

int build_program(struct build *b, struct err *e)
{
	struct compile c = {
		.target = b->target,
		.data_dir = b->data_dir,
		.dir = b->app->dir,
		.out_dir = b->dir,
		.program = b->program,
		.sources = &b->app->sources,
		.cflags = &b->app->cflags,
		.ldflags = &b->app->ldflags,
		.libs = &b->app->libs,
		.epoch = b->epoch,
		.jobs = b->jobs,
	};
	int r = collect_files(b, e);

	if (r == 0)
		r = imageroot_unpack(b, e);
	if (r < 0 || is_in_root(b->app))
		return r;
	if (b->app->build)
		return commands_build(b, e);
	share_lock(b, 0);
	r = compile_run(&c, NULL, e);
	share_lock(b, FD_CLOEXEC);
	return r;
}

/* Whom it runs as; nothing is said of root alone. */
static int add_user(const struct app *a, struct buf *rec, struct err *e)
{
	_buf_ struct buf ids = {0};
	struct user_ids user;
	int r;

	if (!a->user)
		return 0;
	r = user_find(a, &user, e);
	if (r < 0)
		return r;
	free(user.home);
	buf_add_le(&ids, user.uid, 4);
	buf_add_le(&ids, user.gid, 4);
	for (size_t i = 0; i < user.ngroups; i++)
		buf_add_le(&ids, user.groups[i], 4);
	record_add(rec, RECORD_USER, ids.data, ids.len);
	return 0;
}

/* What the program starts with where no launcher says anything else. */
static int make_record(const struct build *b, struct buf *rec, struct err *e)
{
	const struct app *a = b->app;
	int r;

	record_begin(rec);
	r = add_user(a, rec, e);
	if (r < 0)
		return r;
	record_add_str(rec, RECORD_ARG, a->name);
	record_add_list(rec, RECORD_ARG, a->args.v);
	record_add_list(rec, RECORD_ENV, a->env.v);
	if (a->image)
		record_add_list(rec, RECORD_ENTRY, a->entry.v);
	else if (a->program)
		record_add_str(rec, RECORD_ENTRY, a->program);
	if (app_health_exec_ms(a->health))
		record_add_list(rec, RECORD_HEALTH, a->health->test.v + 1);
	record_add_str(rec, RECORD_CWD, a->workdir);
	record_add_str(
		rec, RECORD_HOSTNAME, a->hostname ? a->hostname : a->name);
	return record_end(rec, e);
}

static void report_absent(const struct build *b, const struct relink_report *r)
{
	_strv_ struct strv lines = {0};

	relink_warnings(r, b->target->name, &lines);
	for (size_t i = 0; i < lines.n; i++)
		log_add(LOG_WARNING, "%s", lines.v[i]);
	if (lines.n)
		log_add(LOG_NOTE, "slipway check says which base fits");
}

/* Linked again, with the base's own libraries. */
static int link_keel(struct build *b, const struct buf *rec, struct err *e)
{
	_free_ char *symbols = path_join(b->dir, "kernel.debug");
	_free_ char *explain = path_join(b->dir, EXPLAIN_FILE);
	struct relink_report report = {0};
	_free_ char *map = path_join(b->dir, "kernel.map");
	struct relink_opts o = {.map = map,
		.output = b->kernel,
		.symbols = symbols,
		.explain = explain,
		.record = rec->data,
		.record_len = rec->len};
	int r = relink(b->program, b->target, b->target_dir, &o, &report, e);

	if (r == 0)
		report_absent(b, &report);
	relink_report_free(&report);
	return r;
}

/* Without what only a link onto a base needs: it names folders. */
static int strip_program(const struct build *b, const char *to, struct err *e)
{
	_strv_ struct strv argv = {0};
	_buf_ struct buf said = {0}; /* of a segment that is empty now */
	struct proc p;

	strv_addf(&argv, "%s-objcopy", b->target->triplet);
	strv_add(&argv, "--strip-all");
	strv_add(&argv, "--remove-section=" NOTE_SECTION);
	strv_add(&argv, "--remove-section=.note.gnu.build-id");
	strv_add(&argv, b->program);
	strv_add(&argv, to);
	p = (struct proc)PROC_INIT(argv.v);
	p.err = &said;
	return proc_check(&p, e);
}

/* As it is, beside a kernel that starts it. */
static int bundle_linux(struct build *b, const struct buf *rec, struct err *e)
{
	_free_ char *lib = path_join(b->target_dir, "lib");
	_free_ char *vmlinux = path_join(lib, "vmlinux");
	_free_ char *stub = path_join(lib, "stub.bin");
	_free_ char *program = path_join(b->dir, "program.stripped");
	_buf_ struct buf cpio = {0};
	struct linux_initramfs i = {.dir = lib,
		.program = is_in_root(b->app) ? NULL : program,
		.record = rec->data,
		.record_len = rec->len,
		.epoch = b->epoch};
	struct linux_bundle l = {.vmlinux = vmlinux,
		.stub = stub,
		.cmdline = b->target->cmdline};
	int r = is_in_root(b->app) ? 0 : strip_program(b, program, e);

	if (r == 0)
		r = linux_initramfs(&i, &cpio, e);
	if (r < 0)
		return r;
	l.initramfs = cpio.data;
	l.initramfs_len = cpio.len;
	return linux_bundle_write(&l, b->kernel, e);
}

int build_kernel(struct build *b, struct err *e)
{
	_free_ char *stamp = path_join(b->target_dir, "stamp");
	int on_linux = !strcmp(b->target->base, "linux");
	_buf_ struct buf rec = {0};
	_free_ char *explain = path_join(b->dir, EXPLAIN_FILE);
	_free_ char *map = path_join(b->dir, "kernel.map");
	struct digest_hex hex;
	struct digest key;
	int r = build_program(b, e);

	if (r == 0)
		r = make_record(b, &rec, e);
	if (r < 0)
		return r;
	digest_init(&key);
	state_key_file(&key, stamp);
	if (!is_in_root(b->app))
		state_key_file(&key, b->program);
	digest_add_str(&key, b->target->name);
	digest_add(&key, rec.data, rec.len);
	if (on_linux) {
		digest_add_str(&key, b->target->cmdline);
		digest_add(&key, &b->epoch, sizeof(b->epoch));
	}
	hex = digest_end(&key);
	if (state_fresh(&b->state, "kernel", &hex, b->kernel) &&
		(on_linux ||
			(access(explain, F_OK) == 0 && access(map, F_OK) == 0)))
		return 0;
	log_add(LOG_STEP, "%s %s", on_linux ? "pack for" : "link onto",
		b->target->base);
	r = on_linux ? bundle_linux(b, &rec, e) : link_keel(b, &rec, e);
	return r < 0 ? r : state_done(&b->state, "kernel", &hex, b->kernel, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* slipway doctor: does this machine have what Slipway needs? */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd.h"
#include "core/cache.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/proc.h"
#include "manifest/target.h"
#include "opt.h"
#include "ui.h"
#include "vm/vm.h"

enum { KEY_JSON = 256 };

static const struct opt table[] = {
	{KEY_JSON, "json", NULL, "for machines"},
	{0},
};

static const struct opts opts = {
	.usage = "slipway doctor [--json]",
	.about = "Checks that this machine has the programs and files that "
		 "Slipway needs.\nExit status 1 if something that is needed "
		 "is missing.",
	.table = table,
};

/* What the checks found; a line each. */
struct report {
	json_t *lines;      /* for --json, else NULL */
	const char *repair; /* brings back the files of the installation */
	int missing;        /* needed things that are not there */
};

enum need { NEEDED, OPTIONAL };

struct finding {
	const char *check, *detail;
	const char *fix;     /* a command, or why there is none */
	const char *package; /* of Debian; NULL: none has it */
	enum need need;
	int ok;
};

static void add(struct report *r, const struct finding *f)
{
	const char *state = f->ok               ? "ok"
			    : f->need == NEEDED ? "missing"
						: "absent";

	if (!f->ok && f->need == NEEDED)
		r->missing++;
	if (r->lines) {
		json_array_append_new(r->lines,
			json_pack("{s:s, s:s, s:b, s:s, s:s*, s:s*}", "check",
				f->check, "state", state, "needed",
				f->need == NEEDED, "detail", f->detail, "fix",
				f->ok ? NULL : f->fix, "package", f->package));
		return;
	}
	printf("%-8s %-24s %s\n", state, f->check, f->detail);
	if (!f->ok)
		printf("%-8s %-24s fix: %s\n", "", "", f->fix);
}

/* Programs by name, and the Debian package that has each. */
static const struct {
	const char *name, *purpose, *package;
	enum need need;
} programs[] = {
	{"make", "runs the compilers", "make", NEEDED},
	{"mkfs.erofs", "makes the root filesystem", "erofs-utils", NEEDED},
	{"mkfs.vfat", "makes the UEFI partition", "dosfstools", NEEDED},
	{"mcopy", "fills the UEFI partition", "mtools", NEEDED},
	{"qemu-img", "converts disks", "qemu-utils", OPTIONAL},
	{"dpkg-source", "unpacks source packages", "dpkg-dev", OPTIONAL},
	{"skopeo", "pushes images to a registry", "skopeo", OPTIONAL},
};

static void check_program(struct report *r, enum need need, const char *name,
	const char *purpose, const char *package)
{
	_free_ char *path = proc_which(name);
	_free_ char *fix = xasprintf("apt-get install %s", package);

	add(r, &(struct finding){.check = name,
		       .detail = path ? path : purpose,
		       .fix = fix,
		       .package = package,
		       .need = need,
		       .ok = path != NULL});
}

static void check_programs(struct report *r)
{
	size_t i;

	for (i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		check_program(r, programs[i].need, programs[i].name,
			programs[i].purpose, programs[i].package);
}

/* A file of the installation. */
static void check_file(struct report *r, const char *data_dir, const char *what,
	const char *rel)
{
	_free_ char *path = path_join(data_dir, rel);
	struct stat st;
	int ok = stat(path, &st) == 0 && st.st_size > 0;

	add(r, &(struct finding){.check = what,
		       .detail = path,
		       .fix = r->repair,
		       .ok = ok});
}

static void check_installation(
	struct report *r, const char *data_dir, const struct target *t)
{
	_free_ char *libc = xasprintf("sysroot/%s/lib/libc.a", t->name);
	_free_ char *headers = xasprintf("sysroot/%s/include/stdio.h", t->name);
	_free_ char *base = xasprintf("sysroot/%s/lib/%s", t->name,
		t->base_libs.n     ? t->base_libs.v[0]
		: t->linker_script ? t->linker_script
				   : "vmlinux");
	_free_ char *mbr = xasprintf("boot/%s/mbr.bin", t->arch);
	_free_ char *uefi = xasprintf("boot/%s/uefi.bin", t->arch);
	_free_ char *launch = xasprintf("launch/%s/launch", t->arch);

	check_file(r, data_dir, "C library", libc);
	check_file(r, data_dir, "headers", headers);
	check_file(r, data_dir, "base", base);
	check_file(r, data_dir, "BIOS boot sector", mbr);
	check_file(r, data_dir, "UEFI loader", uefi);
	check_file(r, data_dir, "launcher", launch);
}

/* gcc and binutils by their full names. */
static void check_toolchain(struct report *r, const struct target *t)
{
	static const struct {
		const char *tool, *package;
	} tools[] = {{"gcc", "gcc"}, {"ld", "binutils"}, {"ar", "binutils"},
		{"objcopy", "binutils"}};
	_free_ char *triplet = xstrdup(t->triplet);
	size_t i;
	char *c;

	for (c = triplet; *c; c++) {
		if (*c == '_')
			*c = '-'; /* as packages are named */
	}
	for (i = 0; i < sizeof(tools) / sizeof(*tools); i++) {
		_free_ char *name =
			xasprintf("%s-%s", t->triplet, tools[i].tool);
		_free_ char *package =
			xasprintf("%s-%s", tools[i].package, triplet);

		check_program(r, NEEDED, name, "compiles and links", package);
	}
}

static void check_target(
	struct report *r, const char *data_dir, const char *name)
{
	struct diags diags = {0};
	struct target *t = target_read(data_dir, name, &diags);
	_free_ char *package = NULL;

	if (!t) {
		_free_ char *text = diag_text(&diags.v[0]);

		add(r, &(struct finding){.check = name,
			       .detail = text,
			       .fix = r->repair});
	} else {
		add(r, &(struct finding){.check = name,
			       .detail = t->description,
			       .ok = 1});
		check_toolchain(r, t);
		check_installation(r, data_dir, t);
		package =
			xstrdup(strcmp(t->arch, "x86_64") ? "qemu-system-arm"
							  : "qemu-system-x86");
		check_program(
			r, NEEDED, t->qemu, "boots what was built", package);
	}
	diags_free(&diags);
	target_free(t);
}

static const char *user_name(void)
{
	const struct passwd *p = getpwuid(getuid());

	return p ? p->pw_name : "USER";
}

static void check_kvm(struct report *r)
{
	struct finding f = {.check = "KVM",
		.detail = "executes a guest",
		.fix = "none needed: machines are emulated, more slowly",
		.need = OPTIONAL};
	_free_ char *join = NULL;

	f.ok = vm_kvm_works(&f.detail);
	if (f.ok) {
		f.detail = "executes a guest";
	} else if (access("/dev/kvm", F_OK) < 0) {
		f.fix = "modprobe kvm_intel or modprobe kvm_amd, or none: "
			"machines are emulated, more slowly";
	} else if (access("/dev/kvm", R_OK | W_OK) < 0) {
		join = xasprintf(
			"usermod -aG kvm %s, and log in again", user_name());
		f.fix = join;
	}
	add(r, &f);
}

/* Without it nothing is wrong, but every build starts from nothing. */
static void check_cache(struct report *r)
{
	_cache_ struct cache c = {0};
	struct finding f = {.check = "cache",
		.fix = "export SLIPWAY_CACHE=FOLDER, one that you can write",
		.need = OPTIONAL};
	struct err e = {0};

	if (cache_open(&c, &e) < 0) {
		f.detail = e.msg;
		f.fix = "unset SLIPWAY_CACHE_MAX";
	} else if (!c.dir) {
		f.detail = "results of builds are not kept";
	} else if (access(c.dir, W_OK) < 0) {
		f.detail = c.dir;
	} else {
		f.detail = c.dir;
		f.ok = 1;
	}
	add(r, &f);
}

/* Where the engine listens; caller frees; NULL if not on this machine. */
static char *docker_socket(void)
{
	const char *host = getenv("DOCKER_HOST");

	if (!host || !*host)
		return xstrdup("/var/run/docker.sock");
	return strncmp(host, "unix://", 7) ? NULL : xstrdup(host + 7);
}

/* Asks it over its socket, as `docker` does; 0 when it answers. */
static int ping_docker(const char *path, struct err *e)
{
	static const char request[] = "GET /_ping HTTP/1.0\r\n\r\n";
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	const struct timeval limit = {.tv_sec = 2};
	_close_ int fd = -1;
	char answer[1024];
	ssize_t n;

	if (strlen(path) >= sizeof(to.sun_path))
		return err_set(e, -EINVAL, "%s: too long", path);
	memcpy(to.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(e, "socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		return err_errno(e, "%s", path);
	if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		return err_errno(e, "%s", path);
	n = recv(fd, answer, sizeof(answer) - 1, 0);
	if (n < 0)
		return err_errno(e, "%s", path);
	answer[n] = 0;
	if (strncmp(answer, "HTTP/1.", 7) != 0 || !strstr(answer, " 200 "))
		return err_set(e, -EPROTO, "%s: no Docker engine", path);
	return 0;
}

static void check_docker(struct report *r)
{
	struct finding f = {.check = "Docker engine", .need = OPTIONAL};
	_free_ char *path = docker_socket();
	_free_ char *client = proc_which("dockerd");
	_free_ char *join = NULL;
	struct err e = {0};
	int code;

	if (!path) {
		f.detail = "DOCKER_HOST is not a unix:// socket";
		f.fix = "docker version asks it there";
		add(r, &f);
		return;
	}
	code = ping_docker(path, &e);
	f.ok = code == 0;
	f.detail = f.ok ? path : e.msg;
	if (code == -EACCES) {
		join = xasprintf(
			"usermod -aG docker %s, and log in again", user_name());
		f.fix = join;
	} else if (client) {
		f.fix = "service docker start (only to run images here)";
	} else {
		f.fix = "apt-get install docker.io (only to run images here)";
	}
	add(r, &f);
}

/* A package's files come back from the package. */
static const char *repair_of(const char *data_dir)
{
	return strncmp(data_dir, "/usr/lib/", 9)
		       ? "make && make install"
		       : "apt-get install --reinstall slipway";
}

int cmd_doctor(int argc, char **argv)
{
	_free_ char *data_dir = NULL;
	_strv_ struct strv names = {0};
	struct report r = {0};
	int key;
	struct err e;
	size_t i;

	while ((key = opt_next(&opts, argc, argv)) != OPT_END) {
		if (key != KEY_JSON)
			return opt_status(key);
		r.lines = json_array();
	}
	if (optind < argc)
		return opt_error(&opts, "doctor takes no argument");
	data_dir = file_data_dir(&e);
	if (!data_dir)
		return ui_fail(&e);
	r.repair = repair_of(data_dir);
	check_programs(&r);
	if (target_list(data_dir, &names, &e) < 0)
		add(&r, &(struct finding){.check = "targets",
				.detail = e.msg,
				.fix = r.repair});
	else if (!names.n)
		add(&r, &(struct finding){.check = "targets",
				.detail = data_dir,
				.fix = r.repair});
	for (i = 0; i < names.n; i++)
		check_target(&r, data_dir, names.v[i]);
	check_cache(&r);
	check_kvm(&r);
	check_docker(&r);
	if (r.lines) {
		json_dumpf(r.lines, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(r.lines);
	}
	return r.missing ? EXIT_FAILED : EXIT_OK;
}

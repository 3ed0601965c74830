/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher: ENTRYPOINT of an image; the container becomes the machine. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "health.h"
#include "mounts.h"
#include "network.h"
#include "vm/config.h"
#include "vm/vm.h"

/*
 * All words of the command line are the program's, so the launcher's own
 * switches are in the environment: SLIPWAY_VERBOSE=1 shows QEMU's command,
 * the kernel's log and the accelerator; SLIPWAY_ACCEL names one.
 */
#define VERBOSE_ENV "SLIPWAY_VERBOSE"
#define ACCEL_ENV   "SLIPWAY_ACCEL"

enum { ETC_MAX = 1 << 20 };

extern char **environ;

static int fail(const struct err *e)
{
	fprintf(stderr, "slipway: %s\n", e->msg);
	return VM_EXIT_FAILED;
}

static int is_verbose(void)
{
	const char *v = getenv(VERBOSE_ENV);

	return v && *v && strcmp(v, "0") != 0;
}

static void print_log(enum log_kind kind, const char *text, void *arg)
{
	(void)arg;
	if (kind == LOG_WARNING || is_verbose())
		fprintf(stderr, "slipway: %s\n", text);
}

/* What the container says; the manifest's where it says nothing. */
static void add_args(const struct vm_config *c, char **argv, struct strv *out)
{
	strv_add(out, c->name);
	for (size_t i = 1; argv[0] && argv[i]; i++)
		strv_add(out, argv[i]);
	for (size_t i = 0; out->n == 1 && i < c->args.n; i++)
		strv_add(out, c->args.v[i]);
}

static int has_key(const struct strv *env, size_t n, const char *entry)
{
	size_t len = strcspn(entry, "=");

	for (size_t i = 0; i < n; i++) {
		if (!strncmp(env->v[i], entry, len) && env->v[i][len] == '=')
			return 1;
	}
	return 0;
}

static void add_env(const struct vm_config *c, struct strv *out)
{
	size_t n;

	for (char **v = environ; *v; v++)
		strv_add(out, *v);
	n = out->n;
	for (size_t i = 0; i < c->env.n; i++) {
		if (!has_key(out, n, c->env.v[i]))
			strv_add(out, c->env.v[i]);
	}
}

static char *working_dir(const struct vm_config *c)
{
	char *cwd = getcwd(NULL, 0);

	if (!cwd || !strcmp(cwd, "/")) {
		free(cwd);
		cwd = xstrdup(c->workdir);
	}
	return cwd;
}

/* An engine's own choice is 12 digits of the container's ID. */
static int is_generated(const char *name)
{
	return strlen(name) == 12 && strspn(name, "0123456789abcdef") == 12;
}

static char *host_name(const struct vm_config *c)
{
	struct utsname u;

	if (uname(&u) < 0 || (c->hostname && is_generated(u.nodename)))
		return xstrdup(c->hostname ? c->hostname : c->name);
	return xstrdup(u.nodename);
}

/* The files that the engine writes into each container. */
static size_t add_files(
	const struct network *w, struct vm_file *f, struct err *e)
{
	static const char *const paths[] = {
		"/etc/resolv.conf", "/etc/hosts", "/etc/hostname"};
	size_t n = 0;

	for (size_t i = 0; i < 3; i++) {
		f[n] = (struct vm_file){0};
		if (file_read(paths[i], ETC_MAX, &f[n].data, e) < 0) {
			buf_free(&f[n].data);
			continue;
		}
		f[n].path = xstrdup(paths[i]);
		network_fix_file(w, &f[n++]);
	}
	return n;
}

static int choose_accel(struct vm_plan *p, struct err *e)
{
	const char *name = getenv(ACCEL_ENV);

	if (!name || vm_accel_parse(name, &p->accel) == 0)
		return 0;
	return err_set(e, -EINVAL, "%s=%s is not one of kvm, tcg, auto",
		ACCEL_ENV, name);
}

static int launch(const struct vm_config *c, char **argv, struct err *e)
{
	_strv_ struct strv args = {0}, env = {0};
	_free_ char *cwd = working_dir(c), *host = host_name(c);
	_vm_volumes_ struct vm_volumes volumes = {0};
	struct network network = {0};
	struct vm_file files[3];
	struct vm_plan p = {
		.qemu = c->qemu,
		.firmware = c->firmware,
		.machine = c->machine,
		.memory = c->memory,
		.memory_min = c->memory_min,
		.cpus = c->cpus,
		.cpus_max = c->cpus_max,
		.kernel = c->kernel,
		.disk = c->disk,
		.stop_timeout_ms = vm_config_stop_ms(c),
		.drain_ms = c->drain_ms,
		.health_ms = c->health_ms,
		.stop_signal = vm_config_stop_signal(c),
		.cwd = cwd,
		.hostname = host,
		.files = files,
		.volumes = &volumes,
		.verbose = is_verbose(),
	};
	int r = choose_accel(&p, e);

	if (r == 0)
		r = mounts_find("/proc/self/mountinfo", &volumes, e);
	if (r == 0)
		r = vm_volumes_claim(&volumes, &c->exclusive, e);
	if (r == 0)
		r = vm_fit_container(&p, e);
	if (r == 0)
		r = network_start(&network, c, &p, e);
	if (r < 0)
		return r;
	add_args(c, argv, &args);
	add_env(c, &env);
	p.argv = args.v;
	p.env = env.v;
	p.nfiles = add_files(&network, files, e);
	r = vm_run(&p, e);
	network_end(&network);
	for (size_t i = 0; i < p.nfiles; i++) {
		free(files[i].path);
		buf_free(&files[i].data);
	}
	return r;
}

int main(int argc, char **argv)
{
	_vm_config_ struct vm_config c = {0};
	struct err e = {0};
	int r;

	if (!strcmp(path_base(argv[0]), "health"))
		return health_main(argc, argv);
	vm_open_std_fds();
	log_set(print_log, NULL);
	r = vm_config_read(VM_CONFIG_PATH, NULL, &c, &e);
	if (r == 0)
		r = launch(&c, argv, &e);
	return r < 0 ? fail(&e) : r;
}

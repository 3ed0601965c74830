/* SPDX-License-Identifier: Apache-2.0 */
/* slipway run: boots what was built, on this machine. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "core/file.h"
#include "core/mem.h"
#include "opt.h"
#include "source.h"
#include "ui.h"
#include "vm/vm.h"
#include "vm/volume.h"

enum { KEY_CPUS = 256, KEY_MACHINE, KEY_ACCEL, KEY_NETWORK, KEY_VERBOSE };

enum { RESOLV_MAX = 1 << 20 };

static const struct opt table[] = {
	{'e', "env", "K=V", "set a variable (K alone: as it is set here)"},
	{'m', "memory", "SIZE", "memory of the machine, such as 64M"},
	{KEY_CPUS, "cpus", "N", "number of processors"},
	{KEY_MACHINE, "machine", "microvm|q35|pc",
		"the machine that is emulated, if not as built"},
	{KEY_ACCEL, "accel", "kvm|tcg|auto",
		"who executes: auto (the default) tries kvm"},
	{'p', "publish", "HOST:GUEST", "open a port: [IP:]HOST:GUEST[/udp]"},
	{KEY_NETWORK, "network", "user|none", "the default is user"},
	{'v', "volume", "HOST:GUEST[:ro]",
		"a folder, file or disk (/dev/vdb) of this machine"},
	{'w', "workdir", "PATH", "the folder that the program starts in"},
	{'q', "quiet", NULL, "nothing of our own but errors and warnings"},
	{KEY_VERBOSE, "verbose", NULL, "the kernel's log, QEMU's command"},
	{0},
};

static const struct opts opts = {
	.usage = "slipway run [OPTION]... [DIR|MANIFEST|IMAGE|DISK|KERNEL] "
		 "[-- ARG...]",
	.about = "Boots an application in a virtual machine and returns its "
		 "exit status.\n"
		 "A folder or manifest is built first if something changed.\n"
		 "Arguments after -- replace those of the manifest.",
	.table = table,
};

struct request {
	const char *path;    /* NULL: "." */
	const char *machine; /* NULL: as built */
	const char *workdir; /* NULL: as built */
	uint64_t memory;     /* 0: as built */
	unsigned cpus;       /* 0: as built */
	enum vm_accel accel;
	int verbose, quiet;
	int no_network;
	struct vm_publishes publish;
	struct strv env;
	struct vm_volumes volumes;
	char **args; /* NULL: as built */
};

static int set_memory(struct request *q, const char *arg)
{
	static const char units[] = "kmgt";
	char *end;
	unsigned long long v = strtoull(arg, &end, 10);
	const char *unit = *end ? strchr(units, *end | 0x20) : NULL;
	unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;

	if (*arg < '0' || *arg > '9' || (*end && (!unit || end[1])) ||
		v > UINT64_MAX >> shift || v << shift < 1 << 20)
		return opt_error(&opts,
			"--memory: \"%s\" is not a size of 1M or more, such "
			"as 64M",
			arg);
	q->memory = (uint64_t)v << shift;
	return 0;
}

static int set_cpus(struct request *q, const char *arg)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (*end || *arg < '0' || *arg > '9' || n < 1 || n > 255)
		return opt_error(
			&opts, "--cpus: \"%s\" is not a number from 1", arg);
	q->cpus = (unsigned)n;
	return 0;
}

static int set_accel(struct request *q, const char *arg)
{
	if (vm_accel_parse(arg, &q->accel) == 0)
		return 0;
	return opt_error(
		&opts, "--accel: \"%s\" is not one of kvm, tcg, auto", arg);
}

static int add_env(struct request *q, const char *arg)
{
	const char *value;

	if (*arg == '=' || !*arg)
		return opt_error(&opts, "--env: \"%s\" has no name", arg);
	if (strchr(arg, '=')) {
		strv_add(&q->env, arg);
		return 0;
	}
	value = getenv(arg);
	if (value)
		strv_addf(&q->env, "%s=%s", arg, value);
	return 0;
}

static int add_publish(struct request *q, const char *arg)
{
	struct err e = {0};

	if (vm_publish_add(&q->publish, arg, &e) == 0)
		return 0;
	return opt_error(&opts, "--publish: %s", e.msg);
}

static int set_network(struct request *q, const char *arg)
{
	q->no_network = !strcmp(arg, "none");
	if (q->no_network || !strcmp(arg, "user"))
		return 0;
	return opt_error(
		&opts, "--network: \"%s\" is not one of user, none", arg);
}

static int add_volume(struct request *q, const char *arg)
{
	struct err e = {0};

	if (vm_volume_parse(&q->volumes, arg, &e) == 0)
		return 0;
	return opt_error(&opts, "--volume: %s", e.msg);
}

static int sort_volumes(struct request *q)
{
	struct err e = {0};

	if (vm_volumes_sort(&q->volumes, &e) == 0)
		return 0;
	return opt_error(&opts, "--volume: %s", e.msg);
}

static int set_option(struct request *q, int key)
{
	switch (key) {
	case 'e':
		return add_env(q, optarg);
	case 'm':
		return set_memory(q, optarg);
	case KEY_CPUS:
		return set_cpus(q, optarg);
	case KEY_MACHINE:
		q->machine = optarg;
		if (strcmp(optarg, "microvm") != 0 &&
			strcmp(optarg, "q35") != 0 && strcmp(optarg, "pc") != 0)
			return opt_error(&opts,
				"--machine: \"%s\" is not one of microvm, "
				"q35, pc",
				optarg);
		return 0;
	case KEY_ACCEL:
		return set_accel(q, optarg);
	case 'p':
		return add_publish(q, optarg);
	case KEY_NETWORK:
		return set_network(q, optarg);
	case 'v':
		return add_volume(q, optarg);
	case 'w':
		q->workdir = optarg;
		if (*optarg == '/')
			return 0;
		return opt_error(
			&opts, "--workdir: \"%s\" is not absolute", optarg);
	case 'q':
		q->quiet = 1;
		return 0;
	case KEY_VERBOSE:
		q->verbose = 1;
		return 0;
	default:
		return opt_status(key);
	}
}

/* 0 to go on, 1 to end with *status. Options may come after the operand. */
static int parse(struct request *q, int argc, char **argv, int *status)
{
	int key;

	for (;;) {
		while ((key = opt_next(&opts, argc, argv)) != OPT_END) {
			*status = set_option(q, key);
			if (*status || key == OPT_HELP)
				return 1;
		}
		if (optind > 1 && !strcmp(argv[optind - 1], "--")) {
			q->args = argv + optind;
			return 0;
		}
		if (optind >= argc)
			return 0;
		if (q->path) {
			*status = opt_error(&opts,
				"\"%s\": the program's arguments go behind --",
				argv[optind]);
			return 1;
		}
		q->path = argv[optind++];
	}
}

/* A later entry of the same name takes the place of the earlier. */
static void set_env(struct strv *env, const char *entry)
{
	size_t len = strcspn(entry, "=");

	for (size_t i = 0; i < env->n; i++) {
		if (!strncmp(env->v[i], entry, len) && env->v[i][len] == '=') {
			free(env->v[i]);
			env->v[i] = xstrdup(entry);
			return;
		}
	}
	strv_add(env, entry);
}

static int check(const struct request *q, const struct source *s)
{
	if (!s->foreign && q->cpus > s->config.cpus_max) {
		ui_error("run %s: --cpus: its base can use %u", s->config.name,
			s->config.cpus_max);
		return EXIT_USAGE;
	}
	if (!s->foreign || (!q->args && !q->env.n && !q->volumes.n))
		return 0;
	ui_error("run %s: arguments, variables and volumes cannot be given to "
		 "a disk that is not raw or not Slipway's",
		s->config.disk);
	return EXIT_USAGE;
}

/* Ports of the system's choice are told, whoever reads it. */
static void show_ports(
	const struct vm_publishes *asked, const struct vm_publishes *got)
{
	char name[80];

	for (size_t i = 0; i < got->n; i++) {
		if (asked->v[i].host)
			continue;
		vm_publish_name(&got->v[i], name);
		fprintf(stderr, "slipway: port %u is %s\n", got->v[i].guest,
			name);
	}
}

struct network {
	struct netscan scan;
	struct vm_net net;
	struct vm_publishes ports;
	struct vm_file resolv;
	char *preload;
};

/* A user card, and our name servers. */
static int start_network(
	const struct request *q, struct network *w, struct err *e)
{
	static char path[] = "/etc/resolv.conf";
	_free_ char *dir = NULL;
	struct err ignored;
	int r;

	w->ports.n = q->publish.n;
	w->ports.v = xreallocarray(NULL, w->ports.n + 1, sizeof(*w->ports.v));
	for (size_t i = 0; i < w->ports.n; i++)
		w->ports.v[i] = q->publish.v[i];
	r = vm_publish_reserve(&w->ports, e);
	if (r < 0)
		return r;
	if (!q->quiet)
		show_ports(&q->publish, &w->ports);
	netscan_read(&w->scan, &ignored);
	vm_net_add_user(&w->net, &w->scan, 0);
	w->net.forward = VM_FORWARD_PUBLISHED;
	w->net.publish = &w->ports;
	dir = file_data_dir(&ignored);
	if (dir)
		w->net.preload = w->preload =
			path_join(dir, "launch/x86_64/listen.so");
	if (file_read(path, RESOLV_MAX, &w->resolv.data, &ignored) == 0) {
		w->resolv.path = path;
		vm_net_resolv(&w->net, &w->resolv.data);
	}
	return 0;
}

static void end_network(struct network *w)
{
	vm_net_free(&w->net);
	netscan_free(&w->scan);
	vm_publishes_free(&w->ports);
	buf_free(&w->resolv.data);
	free(w->preload);
}

static int boot(const struct request *q, struct source *s)
{
	const struct vm_config *c = &s->config;
	_strv_ struct strv args = {0}, env = {0};
	struct err e = {0};
	struct vm_plan p = {
		/* An image's QEMU is at a path inside of it. */
		.qemu = s->tmp ? path_base(c->qemu) : c->qemu,
		.firmware = s->tmp ? NULL : c->firmware,
		.machine = q->machine ? q->machine : c->machine,
		.accel = q->accel,
		.memory = q->memory ? q->memory : c->memory,
		.cpus = q->cpus ? q->cpus : c->cpus,
		.cpus_max = s->foreign ? UINT_MAX : c->cpus_max,
		.kernel = c->kernel,
		.disk = c->disk,
		.stop_timeout_ms = vm_config_stop_ms(c),
		.drain_ms = c->drain_ms,
		.stop_signal = vm_config_stop_signal(c),
		.disk_format = s->disk_format,
		.cwd = q->workdir ? q->workdir : c->workdir,
		.hostname = c->hostname ? c->hostname : c->name,
		.verbose = q->verbose,
		.volumes = &q->volumes,
		.serial = s->foreign,
	};
	char *const *extra = q->args ? q->args : c->args.v;
	struct network w = {0};
	int r = 0;

	strv_add(&args, c->name);
	for (; extra && *extra; extra++)
		strv_add(&args, *extra);
	for (size_t i = 0; i < c->env.n; i++)
		strv_add(&env, c->env.v[i]);
	for (size_t i = 0; i < q->env.n; i++)
		set_env(&env, q->env.v[i]);
	p.argv = args.v;
	p.env = env.v;
	if (c->network && !q->no_network) {
		r = start_network(q, &w, &e);
		p.net = &w.net;
		p.files = &w.resolv;
		p.nfiles = w.resolv.path ? 1 : 0;
	}
	if (r == 0)
		r = vm_run(&p, &e);
	end_network(&w);
	if (r >= 0)
		return r;
	err_wrap(&e, "run %s", c->name);
	ui_fail(&e);
	return VM_EXIT_FAILED;
}

static int claim_volumes(struct request *q, const struct source *s)
{
	struct err e = {0};

	if (vm_volumes_claim(&q->volumes, &s->config.exclusive, &e) == 0)
		return 0;
	err_wrap(&e, "run %s", s->config.name);
	ui_fail(&e);
	return VM_EXIT_FAILED;
}

int cmd_run(int argc, char **argv)
{
	struct request q = {0};
	struct source s = {0};
	int status = 0;

	vm_open_std_fds();
	if (parse(&q, argc, argv, &status) == 0 &&
		(status = sort_volumes(&q)) == 0) {
		/* What is not the program's goes to people only. */
		if (q.verbose)
			ui_set_level(UI_VERBOSE);
		else if (q.quiet || !isatty(STDERR_FILENO))
			ui_set_level(UI_QUIET);
		status = source_open(&s, q.path ? q.path : ".");
		if (status == 0)
			status = check(&q, &s);
		if (status == 0)
			status = claim_volumes(&q, &s);
		if (status == 0)
			status = boot(&q, &s);
		source_close(&s);
	}
	strv_free(&q.env);
	vm_publishes_free(&q.publish);
	vm_volumes_free(&q.volumes);
	return status;
}

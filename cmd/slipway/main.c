/* SPDX-License-Identifier: Apache-2.0 */
/* The slipway command: finds the subcommand and runs it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "complete.h"
#include "core/file.h"
#include "core/near.h"
#include "ui.h"

static const struct command commands[] = {
	{"init", "start a project from a template", cmd_init},
	{"build", "build an application into an image or a disk", cmd_build},
	{"run", "boot what was built in a virtual machine", cmd_run},
	{"check", "tell what of a program would not work", cmd_check},
	{"inspect", "show what is in an image, disk or kernel", cmd_inspect},
	{"deploy", "write a file for Compose or Kubernetes", cmd_deploy},
	{"targets", "list the targets that can be built for", cmd_targets},
	{"doctor", "check that the tools of this machine suffice", cmd_doctor},
	{"cache", "show or prune what is kept of builds", cmd_cache},
	{"cc", "compile for a target (as TARGET-cc does)", cmd_cc},
};
enum { NCOMMANDS = sizeof(commands) / sizeof(*commands) };

static void print_help(FILE *to)
{
	size_t i;

	fputs("usage: slipway COMMAND [ARGUMENT]...\n\n"
	      "Builds an application into a unikernel and docks it.\n\n"
	      "commands:\n",
		to);
	for (i = 0; i < NCOMMANDS; i++)
		fprintf(to, "  %-9s %s\n", commands[i].name, commands[i].help);
	fputs("\nslipway COMMAND --help tells more; "
	      "slipway --version shows the version.\n",
		to);
}

static int unknown_command(const char *name)
{
	const char *names[NCOMMANDS];
	const char *near;
	size_t i;

	for (i = 0; i < NCOMMANDS; i++)
		names[i] = commands[i].name;
	near = near_find(name, names, NCOMMANDS);
	if (near)
		ui_error("unknown command %s, did you mean %s?", name, near);
	else
		ui_error("unknown command %s (see slipway --help)", name);
	return EXIT_USAGE;
}

static int run_command(int argc, char **argv)
{
	static char option[] = "--help";
	char *help[] = {NULL, option, NULL};
	size_t i;

	/* As git and docker take it: help COMMAND is COMMAND --help. */
	if (argc > 1 && !strcmp(argv[0], "help")) {
		help[0] = argv[1];
		argv = help;
		argc = 2;
	}
	if (argc < 1) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[0], "--help") || !strcmp(argv[0], "-h") ||
		!strcmp(argv[0], "help")) {
		print_help(stdout);
		return EXIT_OK;
	}
	if (!strcmp(argv[0], "--version")) {
		puts("slipway " SLIPWAY_VERSION);
		return EXIT_OK;
	}
	/* For the shells' completion. */
	if (!strcmp(argv[0], "complete"))
		return complete(commands, NCOMMANDS, argc - 1, argv + 1);
	if (argv[0][0] == '-') {
		ui_error("unknown option %s (see slipway --help)", argv[0]);
		return EXIT_USAGE;
	}
	for (i = 0; i < NCOMMANDS; i++) {
		if (!strcmp(argv[0], commands[i].name))
			return commands[i].run(argc, argv);
	}
	return unknown_command(argv[0]);
}

/* A command's text must not be lost in silence, say on a full disk. */
static int close_stdout(int status)
{
	int bad = ferror(stdout);

	if ((fflush(stdout) != 0 || bad) && errno != EPIPE) {
		ui_error("write to standard output: %s", strerror(errno));
		return status ? status : EXIT_FAILED;
	}
	return status;
}

int main(int argc, char **argv)
{
	const char *name = argc > 0 ? path_base(argv[0]) : "slipway";
	int status;

	ui_start();
	file_catch_signals();
	/* x86_64-keel-cc and its like are links to this program. */
	if (strncmp(name, "slipway", 7) != 0 && strchr(name, '-')) {
		argv[0] += name - argv[0];
		return close_stdout(cmd_cc(argc, argv));
	}
	status = run_command(argc - 1, argv + 1);
	ui_finish();
	return close_stdout(status);
}

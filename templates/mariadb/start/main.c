/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the data directory at the first start, then becomes mariadbd. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "start.h"

void say(const char *text, ...)
{
	va_list ap;

	fputs("mariadb: ", stderr);
	va_start(ap, text);
	vfprintf(stderr, text, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void fail(const char *text, ...)
{
	int error = errno;
	va_list ap;

	fputs("mariadb: ", stderr);
	va_start(ap, text);
	vfprintf(stderr, text, ap);
	va_end(ap);
	fprintf(stderr, error ? ": %s\n" : "\n", strerror(error));
	exit(1);
}

/* Options that make mariadbd say something and end. */
static int only_asks(char **arg)
{
	static const char *const words[] = {
		"--help", "-?", "--version", "-V", "--print-defaults"};

	for (; *arg; arg++)
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (!strcmp(*arg, words[i]))
				return 1;
	return 0;
}

static void make_folder(void)
{
	struct settings s;
	const char *folder;

	settings_read(&s);
	say("first start: making the data directory");
	folder = folder_begin();
	server_create(folder, &s);
	server_run_files(folder, &s);
}

static void look_after_folder(void)
{
	enum folder_state state = folder_look();

	if (state == FOLDER_READY)
		return;
	if (state == FOLDER_NONE)
		make_folder();
	folder_finish();
	say("the data directory is there");
}

int main(int argc, char **argv)
{
	static char name[] = SERVER;

	/* The command may be written out, as for other images. */
	if (argc > 1 &&
		(!strcmp(argv[1], "mariadbd") || !strcmp(argv[1], "mysqld")))
		argv++;
	umask(027);
	mkdir("/run/mysqld", 0755);
	if (!only_asks(argv + 1))
		look_after_folder();
	argv[0] = name;
	execv(SERVER, argv);
	fail("start %s", SERVER);
}

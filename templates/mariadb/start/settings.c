/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the environment, and writes what it asks for as SQL. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "start.h"

enum {
	SECRET_MAX = 4096,
	RANDOM_LEN = 32,
	NAME_MAX_LEN = 80 /* characters of a user's name in MariaDB */
};

/* A file's content, without its last line's end. */
static char *read_secret(const char *name, const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = calloc(1, SECRET_MAX + 1);
	size_t n;

	if (!f || !text)
		fail("%s: open %s", name, path);
	n = fread(text, 1, SECRET_MAX + 1, f);
	errno = ferror(f) ? errno : 0;
	if (errno || n > SECRET_MAX || memchr(text, 0, n))
		fail("%s: %s is no text of at most %d bytes", name, path,
			SECRET_MAX);
	fclose(f);
	if (n && text[n - 1] == '\n')
		text[--n] = 0;
	return text;
}

/* MARIADB_NAME, else MYSQL_NAME; or, with _FILE after it, what is in a file.
 * What is empty is not there. */
static const char *setting(const char *what)
{
	static const char *const prefixes[] = {"MARIADB_", "MYSQL_"};
	char name[64], file[64];

	for (size_t i = 0; i < 2; i++) {
		const char *value, *path;

		snprintf(name, sizeof(name), "%s%s", prefixes[i], what);
		snprintf(file, sizeof(file), "%s_FILE", name);
		value = getenv(name);
		path = getenv(file);
		errno = 0;
		if (value && *value && path && *path)
			fail("%s and %s are both set", name, file);
		if (path && *path)
			value = read_secret(file, path);
		if (value && *value)
			return value;
	}
	return NULL;
}

static char *random_password(void)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	static char text[RANDOM_LEN + 1];
	unsigned char bytes[RANDOM_LEN];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		fail("make a password");
	for (size_t i = 0; i < RANDOM_LEN; i++)
		text[i] = letters[bytes[i] % 64];
	return text;
}

/* Names are part of statements on one line, and of files' names. */
static void check_name(const char *variable, const char *name)
{
	for (const char *p = name; p && *p; p++) {
		errno = 0;
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			fail("%s: there is a control character in it",
				variable);
	}
}

void settings_read(struct settings *s)
{
	const char *empty = setting("ALLOW_EMPTY_ROOT_PASSWORD");
	const char *random = setting("RANDOM_ROOT_PASSWORD");

	if (!empty)
		empty = setting("ALLOW_EMPTY_PASSWORD");
	s->root_password = setting("ROOT_PASSWORD");
	s->root_host = setting("ROOT_HOST");
	s->database = setting("DATABASE");
	s->user = setting("USER");
	s->password = setting("PASSWORD");
	errno = 0;
	if (!s->root_host)
		s->root_host = "%";
	if (!s->root_password && !random && !empty)
		fail("there is no data yet and no password for root: set one "
		     "of MARIADB_ROOT_PASSWORD, MARIADB_RANDOM_ROOT_PASSWORD "
		     "and MARIADB_ALLOW_EMPTY_ROOT_PASSWORD");
	if (s->user && !s->password)
		fail("MARIADB_USER needs MARIADB_PASSWORD");
	if (s->password && !s->user)
		fail("MARIADB_PASSWORD needs MARIADB_USER");
	if (s->user && !strcmp(s->user, "root"))
		fail("MARIADB_USER: root is there anyway, with "
		     "MARIADB_ROOT_PASSWORD");
	if (s->user && strlen(s->user) > NAME_MAX_LEN)
		fail("MARIADB_USER: more than %d bytes", NAME_MAX_LEN);
	check_name("MARIADB_ROOT_HOST", s->root_host);
	check_name("MARIADB_DATABASE", s->database);
	check_name("MARIADB_USER", s->user);
	if (!s->root_password && random) {
		s->root_password = random_password();
		say("GENERATED ROOT PASSWORD: %s", s->root_password);
	}
	if (!s->root_password)
		s->root_password = "";
}

/* --- SQL ------------------------------------------------------------------*/

/* A string literal on one line, for a mode with backslashes. */
static void put_text(FILE *to, const char *text)
{
	fputc('\'', to);
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", to);
		else if (*text == '\r')
			fputs("\\r", to);
		else if (strchr("'\\", *text))
			fprintf(to, "\\%c", *text);
		else
			fputc(*text, to);
	}
	fputc('\'', to);
}

/* A name; where patterns are taken, "_" and "%" are to be meant. */
static void put_name(FILE *to, const char *text, const char *special)
{
	fputc('`', to);
	for (; *text; text++) {
		if (strchr(special, *text))
			fputc('\\', to);
		if (*text == '`')
			fputc('`', to);
		fputc(*text, to);
	}
	fputc('`', to);
}

static void put_account(FILE *to, const char *begin, const char *user,
	const char *host, const char *password)
{
	fputs(begin, to);
	put_text(to, user);
	fputc('@', to);
	put_text(to, host);
	if (password) {
		fputs(" IDENTIFIED BY ", to);
		put_text(to, password);
	}
}

void accounts_write(const struct settings *s, FILE *to)
{
	/* Grants are not looked at before the first FLUSH. */
	fputs("SET NAMES utf8mb4;\nSET sql_mode='';\n"
	      "DELETE FROM mysql.global_priv WHERE user = '' OR "
	      "(user = 'root' AND host <> 'localhost');\n"
	      "DELETE FROM mysql.proxies_priv WHERE host <> 'localhost';\n"
	      "FLUSH PRIVILEGES;\n",
		to);
	put_account(to, "ALTER USER ", "root", "localhost", s->root_password);
	fputs(";\n", to);
	if (strcmp(s->root_host, "localhost") != 0) {
		put_account(to, "CREATE USER ", "root", s->root_host,
			s->root_password);
		put_account(to, ";\nGRANT ALL ON *.* TO ", "root", s->root_host,
			NULL);
		fputs(" WITH GRANT OPTION;\n", to);
	}
	if (s->database) {
		fputs("CREATE DATABASE IF NOT EXISTS ", to);
		put_name(to, s->database, "");
		fputs(";\n", to);
	}
	if (s->user) {
		put_account(to, "CREATE USER ", s->user, "%", s->password);
		fputs(";\n", to);
	}
	if (s->user && s->database) {
		fputs("GRANT ALL ON ", to);
		put_name(to, s->database, "_%");
		put_account(to, ".* TO ", s->user, "%", NULL);
		fputs(";\n", to);
	}
}

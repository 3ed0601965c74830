/* SPDX-License-Identifier: Apache-2.0 */
/* What mariadbd's start is made of: settings, data directory, SQL, server. */
#ifndef START_H
#define START_H

#include <stdio.h>

#define DATA_DIR  "/var/lib/mysql"
#define SQL_DIR   "/usr/share/mysql"
#define SERVER    "/usr/sbin/mariadbd"
#define CLIENT    "/usr/bin/mariadb"
#define SOCKET    "/run/mysqld/start.sock"
#define BY_SOCKET "--socket=" SOCKET
#define FILES_DIR "/docker-entrypoint-initdb.d"

/* A line on standard error; fail() ends the program with status 1, and with
 * errno's text when errno is set. */
__attribute__((format(printf, 1, 2))) void say(const char *text, ...);
__attribute__((format(printf, 1, 2), noreturn)) void fail(
	const char *text, ...);

/* What the environment asks for, as the variables MARIADB_*, or MYSQL_*, of
 * the same names. NULL: it is not there. */
struct settings {
	const char *root_password; /* "" by MARIADB_ALLOW_EMPTY_... */
	const char *root_host;     /* "%" */
	const char *database, *user, *password;
};
void settings_read(struct settings *s);

/* The statements that make accounts and the database of the settings. */
void accounts_write(const struct settings *s, FILE *to);

/*
 * The data directory comes to be in a folder of another name inside the volume;
 * what is in it moves up when it is whole, the system's tables last. A machine
 * that dies at any moment leaves nothing that is taken for a data directory.
 */
enum folder_state {
	FOLDER_NONE,  /* there is no data, nor anything else */
	FOLDER_WHOLE, /* the last start came as far as folder_finish() */
	FOLDER_READY
};
enum folder_state folder_look(void);
const char *folder_begin(void); /* an empty one to build in */
void folder_finish(void);       /* makes it the data directory */

/* System tables, accounts and database, by mariadbd itself. */
void server_create(const char *folder, const struct settings *s);
/* Runs the files *.sql of FILES_DIR, if there are any, by their names. */
void server_run_files(const char *folder, const struct settings *s);

#endif

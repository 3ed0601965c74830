/* SPDX-License-Identifier: Apache-2.0 */
/* Inside lib/closure: the set of files, and who puts what into it. */
#ifndef CLOSURE_COLLECT_H
#define CLOSURE_COLLECT_H

#include <sys/stat.h>

#include "closure/closure.h"
#include "toolchain/elf.h"

/* What programs use of the C library that it finds at run time. */
enum closure_use {
	USE_PASSWD,
	USE_GROUP,
	USE_HOSTS,
	USE_SERVICES,
	USE_PROTOCOLS,
	USE_NETWORKS,
	USE_SHADOW,
	USE_ICONV,
	USE_LOCALE,
	USE_UNWIND, /* libgcc_s, when a thread ends or is cancelled */
	USES
};

struct closure_work {
	char *real;
	int by_folder; /* nobody named it */
};

/* A library of a folder where the loader does not look by itself. */
struct closure_cached {
	char *name, *path;
};

struct closure {
	struct closure_spec spec;
	struct closure_file *v;
	size_t n;
	struct closure_missing *missing;
	size_t nmissing;
	void *by_path;             /* tsearch: what is there */
	struct closure_work *work; /* files to look into, in order */
	size_t nwork, done;
	struct strv conf; /* folders of /etc/ld.so.conf */
	int conf_read;
	/* What only /etc/ld.so.conf led to. */
	struct closure_cached *cached;
	size_t ncached;
	char *used[USES];    /* the first file that does, or NULL */
	unsigned served;     /* bits of uses that were seen to */
	int glibc, built_in; /* its files and dns are in libc itself */
};

/* --- collect.c ------------------------------------------------------------*/

/* Adds what is at a path, links on the way included. *real may be NULL; the
 * rest is as for root_follow. */
int collect_path(struct closure *c, const char *path, const char *reason,
	char **real, struct err *e);
/* A file of this machine under a path that the tree does not have. */
void collect_made(struct closure *c, const char *path, const char *from,
	unsigned mode, const char *reason);
int collect_has(const struct closure *c, const char *path);
/* Notes once that something is missing. */
void collect_miss(struct closure *c, const char *kind, const char *name,
	int optional, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* A path that was added before and ends in /NAME, or NULL. */
const char *collect_find(const struct closure *c, const char *name);

/* --- load.c ---------------------------------------------------------------*/

/* What the loader would map for an ELF file. */
int load_closure(
	struct closure *c, const char *real, const char *from, struct err *e);
/* Notes an ELF file that cannot be the program, as it is of another machine. */
void load_check_program(struct closure *c, const char *path, const char *host);
/* Nonzero if it is of the machine that runs it. */
int load_is_ours(const struct closure *c, const struct elf *f);

/* --- search.c -------------------------------------------------------------*/

/* Where the loader looks. */
struct search {
	struct strv first;  /* RPATHs, LD_LIBRARY_PATH, RUNPATH: expanded */
	const char *loader; /* base name of the interpreter, "" if unknown */
};
/* Adds the folders of an RPATH or of LD_LIBRARY_PATH. */
void search_add(struct strv *dirs, const char *list, const char *origin);
/* The path of a library, as found (links not followed), or NULL; caller
 * frees. *left_out: variants for certain processors that are beside it. */
char *search_library(struct closure *c, const struct search *s,
	const char *name, char **left_out, struct err *e);

/* --- ldcache.c ------------------------------------------------------------*/

void ldcache_note(struct closure *c, const char *name, const char *path);
/* Makes an /etc/ld.so.cache if something was noted. */
int ldcache_add(struct closure *c, struct err *e);
void ldcache_free(struct closure *c);

/* --- script.c -------------------------------------------------------------*/

/* The interpreter of a text that begins with "#!". */
int script_closure(struct closure *c, const char *real, const char *text,
	int optional, struct err *e);
/* A program of PATH in the tree, or NULL; caller frees. */
char *script_which(const struct closure *c, const char *name);

/* --- families.c -----------------------------------------------------------*/

/* Notes what a symbol that a file wants stands for. */
void families_see(struct closure *c, const char *symbol, const char *file);
/* Adds what goes with the uses that were seen since the last time. */
int families_add(struct closure *c, struct err *e);

#endif

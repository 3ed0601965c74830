/* SPDX-License-Identifier: Apache-2.0 */
/* The application manifest, slipway.json, as checked structs. */
#ifndef MANIFEST_APP_H
#define MANIFEST_APP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/buf.h"
#include "manifest/diag.h"
#include "manifest/target.h"
#include "oci/ref.h"

/* One entry of "files": what goes where in the root filesystem. */
struct app_file {
	char *from; /* absolute host path; NULL for links and new folders */
	char *to;   /* absolute guest path, no "." or ".." */
	char *link; /* symlink target, else NULL */
	int dir;    /* an empty folder of its own */
	int mode;   /* -1: as the source has it (0644/0755 by x bit) */
	unsigned uid, gid;
	/* Collected, not listed: gives way to what is listed, and its links
	 * are followed by the paths of that. */
	int weak;
	char *reason; /* why it was collected, else NULL */
	/* Of "rootfs" (build/imageroot.h): the image's layer, from 1, else 0.
	 * Entries of one `from` are then one file. */
	unsigned layer;
	int64_t mtime; /* 0: the build's epoch */
};

struct app_port {
	uint16_t port;
	int udp;
};

/* "healthcheck": how the engine asks whether the program is well. */
struct app_health {
	/* "tcp", PORT; "http", PORT, PATH, STATUS; "exec", WORD... */
	struct strv test;
	uint64_t interval_ns, timeout_ns, start_period_ns; /* 0: engine's */
	unsigned retries;                                  /* 0: engine's */
};

/*
 * "build": a make- or configure-style build folder and what it leaves. In
 * the words of commands, ${jobs} is the only variable.
 */
struct app_build {
	/* Where the commands run: absolute; with `source` below the unpacked
	 * source, NULL being its top. */
	char *dir;
	char *source;          /* distribution source package, or NULL */
	struct strv with;      /* more of them, unpacked as ../with/NAME */
	struct strv *commands; /* argv lists in order */
	size_t ncommands;
	char *program; /* relative to dir: the program it leaves */
};

/* "binaries": files of an unpacked system, with what they need. */
struct app_binaries {
	struct strv packages; /* binary packages: "NAME" or "NAME/RELEASE" */
	char *root;           /* absolute folder; NULL: packages, or "/" */
	struct strv paths;    /* guest paths, without a final slash */
	struct strv locales;  /* "de_DE.UTF-8" */
	struct strv zoneinfo; /* "Europe/Berlin"; or "all" alone */
};

/*
 * Everything is owned by the struct. Relative paths of the manifest were
 * resolved against its folder and checked not to leave it (except the
 * absolute ones that the user wrote).
 */
struct app {
	char *path;          /* of the manifest, as the user gave it */
	char *dir;           /* absolute folder of the manifest */
	char *name;          /* [a-z0-9][a-z0-9._-]{0,63} */
	struct strv targets; /* at least one */
	char *target;        /* the one of them that the values are for */
	struct strv sources; /* absolute; empty if another is used */
	struct strv cflags, ldflags;
	struct strv libs;        /* "m" for -lm */
	struct app_build *build; /* NULL if it is not used */
	char *program; /* guest path of what starts; NULL: what is built */
	struct app_binaries *binaries; /* NULL: none */
	struct oci_ref *image;         /* of "rootfs"; NULL: none */
	struct strv entry; /* with it: words before args; the program first */
	char *user;        /* USER[:GROUP] of the root; NULL: root */
	struct app_file *files;
	size_t nfiles;
	struct strv args; /* guest argv[1..] by default */
	struct strv env;  /* K=V, sorted by K */
	char *workdir;    /* "/" by default */
	uint64_t memory;  /* bytes; 0 until app_target, if not said */
	unsigned cpus;    /* default 1 */
	struct app_port *ports;
	size_t nports;
	struct app_health *health; /* NULL: none */
	struct strv volumes;       /* absolute guest paths */
	struct strv exclusive;     /* of them, for one machine at a time */
	char *stop_signal;         /* "SIGTERM" by default */
	unsigned stop_timeout_s;   /* 10 by default */
	uint64_t drain_ns;         /* 0 by default, below stop_timeout_s */
	char *hostname;            /* NULL: the container's, else name */
	struct strv tags;          /* REPO:TAG; default NAME:latest */
	struct strv labels;        /* K=V, sorted by K */
	struct strv said;          /* the keys that are written */
	/* Where these are, for app_target; 0: not written. */
	unsigned target_line, target_col;
	unsigned memory_line, memory_col, rootfs_line, rootfs_col;
	unsigned program_line, program_col, binaries_line, binaries_col;
	unsigned user_line, user_col, cpus_line, cpus_col;
	unsigned health_line, health_col;
};

/*
 * Reads and checks a manifest; `path` is a file, or a folder that holds
 * slipway.json. Problems go to *diags, up to DIAG_MAX; returns NULL if
 * there was an error among them. Free with app_free.
 */
struct app *app_read(const char *path, struct diags *diags);
/* The same from bytes in memory; `path` is used for messages and folder. */
struct app *app_parse(
	const char *path, const char *text, size_t len, struct diags *diags);
/*
 * What "per_target" says of a target replaces the same keys of the
 * manifest. The functions above read for the first of "targets" (and check
 * all); these read for one of them, NULL being the first.
 */
struct app *app_read_for(
	const char *path, const char *target, struct diags *diags);
struct app *app_parse_for(const char *path, const char *text, size_t len,
	const char *target, struct diags *diags);
/*
 * Reads the target that the values are for, and checks what depends on
 * it: that it is there, and that its base fits into the memory. A memory
 * that the manifest does not say becomes the target's.
 */
struct target *app_target(
	struct app *a, const char *data_dir, struct diags *diags);
/* Is this key in the manifest, or in what replaces it for the target? */
int app_says(const struct app *a, const char *key);
/* What the engine runs in the container; appended. */
void app_health_command(const struct app_health *h, struct strv *argv);
/* How long a test by "exec" may take, at least 1; 0: it is none (or NULL). */
unsigned app_health_exec_ms(const struct app_health *h);
/* Is it a signal that can be a "stop_signal"? */
int app_is_stop_signal(const char *name);
/* An image name such as "shop/web:1.2" with its tag, which is "latest" where
 * there is none; caller frees. NULL if it is not one. */
char *app_tag(const char *s);
/* Can it be the "name" of an application or target? */
int app_is_name(const char *s);
void app_free(struct app *a);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Inside lib/manifest: how an application manifest is read, in parts. */
#ifndef MANIFEST_APP_READ_H
#define MANIFEST_APP_READ_H

#include <sys/stat.h>

#include "manifest/app.h"
#include "manifest/value.h"

/* A reading for one target. */
struct app_ctx {
	struct doc doc;
	struct app *app;
	json_t *over;         /* what per_target has for it, or NULL */
	struct place over_at; /* its place, below per_target */
};

/* The place of a key of the manifest, or of what replaces it. */
struct place app_place(const struct app_ctx *c, const char *key);

/* Readers of single keys (app_value.c); `to` is the struct app. */
value_fn app_read_env;
value_fn app_read_labels;
value_fn app_read_ports;
value_fn app_read_tags;
value_fn app_read_libs;
value_fn app_read_flags; /* struct strv */
value_fn app_read_hostname;
value_fn app_read_stop_signal;
value_fn app_read_stop_timeout;
/* Readers of the two larger keys (app_parts.c). */
value_fn app_read_files;
value_fn app_read_build;
/* In app_binaries.c. */
value_fn app_read_binaries;
void app_check_binaries(struct app_ctx *c);
void app_free_binaries(struct app *a);
/* In app_rootfs.c. */
value_fn app_read_rootfs;
value_fn app_read_user;
void app_check_rootfs(struct app_ctx *c);
void app_free_rootfs(struct app *a);
/* In app_health.c. */
value_fn app_read_health;
value_fn app_read_duration; /* uint64_t, ns */
void app_free_health(struct app *a);
/* Can the base run a command beside the program? 0, or -1 and told. */
int app_check_health(
	const struct app *a, const struct target *t, struct diags *diags);
void app_free_files(struct app *a);
void app_free_build(struct app *a);

/* What single values do not show (app_check.c): all of its table. */
void app_check_all(struct app_ctx *c);
/* Makes a path of the build host absolute and real: it exists, and a relative
 * one stays in the manifest's folder. 0, or -1 after an error. */
int app_resolve(struct app_ctx *c, const struct place *at, char **path,
	struct stat *st);
/* A guest path that the system itself mounts over is an error. */
void app_check_guest_path(
	struct app_ctx *c, const struct place *at, const char *path);
/* The same string twice in a list of this name is an error. */
void app_check_twice(struct app_ctx *c, const struct place *list,
	const struct strv *s, const char *check);
/* NAME or NAME/RELEASE of a package of the distribution. */
int app_is_package(const char *s);

#endif

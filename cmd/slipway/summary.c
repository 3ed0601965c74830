/* SPDX-License-Identifier: Apache-2.0 */
/* What a build made, and the next thing to type. */
#include "summary.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "core/digest.h"
#include "core/file.h"
#include "core/mem.h"
#include "event.h"
#include "inspect/inspect.h"
#include "inspect/store.h"
#include "ui.h"

/* The command that uses it; NULL: none that fits all. Caller frees. */
static char *next_command(const struct output *o, const char *path, int is_dir,
	size_t ntargets, const char *tag)
{
	_free_ char *copy = xstrdup(path);
	_free_ char *word = strv_quote((char *[]){copy, NULL});
	const char *format = o->format ? o->format : "raw";

	switch (o->type) {
	case OUTPUT_DOCKER:
		if (o->runner == OUTPUT_RUNNER_NONE)
			return xasprintf("docker load -i %s", word);
		return xasprintf(
			"docker load -i %s && docker run --rm %s", word, tag);
	case OUTPUT_OCI:
		return xasprintf("skopeo copy %s%s:%s:%s docker://REGISTRY/%s",
			ntargets > 1 ? "--all " : "",
			is_dir ? "oci" : "oci-archive", word,
			strrchr(tag, ':') + 1, tag);
	case OUTPUT_DISK:
		if (strcmp(format, "raw") != 0 && strcmp(format, "qcow2") != 0)
			return NULL;
		return xasprintf("slipway run %s", word);
	case OUTPUT_KERNEL:
		return xasprintf("slipway run %s", word);
	case OUTPUT_ROOTFS:
		break;
	}
	return NULL;
}

static void show_line(const struct output *o, const char *path,
	const struct stat *st, const char *next)
{
	fprintf(stderr, "%-6s %s", output_type_names[o->type], path);
	if (S_ISREG(st->st_mode))
		fprintf(stderr, " (%jd KiB)",
			(intmax_t)(st->st_size + 1023) / 1024);
	if (next)
		fprintf(stderr, "\n       %s", next);
	fputc('\n', stderr);
}

/* The digest by which engines and registries know an image. */
static int set_image(json_t *o, const char *path, int is_dir, struct err *e)
{
	const struct store s = {.path = path, .is_dir = is_dir};
	_buf_ struct buf text = {0};
	int r = store_read(&s, "index.json", &text, e);
	json_t *index = NULL, *list;
	const char *digest;

	if (r < 0)
		return r;
	index = json_loadb(text.data, text.len, 0, NULL);
	list = json_object_get(index, "manifests");
	digest = json_string_value(
		json_object_get(json_array_get(list, 0), "digest"));
	if (digest)
		json_object_set_new(o, "image", json_string(digest));
	json_decref(index);
	return 0;
}

static int tell_event(const struct output *o, const char *path,
	const struct stat *st, const char *next, struct err *e)
{
	int is_dir = S_ISDIR(st->st_mode), r = 0;
	json_t *members =
		json_pack("{s:s}", "type", output_type_names[o->type]);

	json_object_set_new(
		members, "path", inspect_string(path, strlen(path)));
	/* A command with another name than the file's would be of no use. */
	if (next)
		json_object_set_new(members, "next", json_string(next));
	if (o->type == OUTPUT_DISK)
		json_object_set_new(members, "format",
			json_string(o->format ? o->format : "raw"));
	if (!is_dir) {
		struct digest_hex hex;
		char text[sizeof("sha256:") + sizeof(hex.s)];

		r = digest_file(path, &hex, e);
		snprintf(text, sizeof(text), "sha256:%s", hex.s);
		json_object_update_new(members,
			json_pack("{s:I, s:s}", "bytes",
				(json_int_t)st->st_size, "digest", text));
	}
	if (r == 0 && (o->type == OUTPUT_DOCKER || o->type == OUTPUT_OCI))
		r = set_image(members, path, is_dir, e);
	if (r < 0)
		json_decref(members);
	else
		event_add("output", members);
	return r;
}

int summary_show(const struct build *b, size_t ntargets,
	const struct output *outputs, size_t n, const struct strv *tags)
{
	const char *tag = tags->n          ? tags->v[0]
			  : b->app->tags.n ? b->app->tags.v[0]
					   : b->app->name;

	ui_finish();
	for (size_t i = 0; i < n; i++) {
		const struct output *o = &outputs[i];
		_free_ char *path = build_output_path(b, o);
		_free_ char *next = NULL;
		struct err e = {0};
		struct stat st;
		int r = 0;

		if (stat(path, &st) < 0)
			r = err_errno(&e, "%s", path);
		else
			next = next_command(
				o, path, S_ISDIR(st.st_mode), ntargets, tag);
		if (r == 0 && event_on())
			r = tell_event(o, path, &st, next, &e);
		else if (r == 0 && ui_level() > UI_QUIET)
			show_line(o, path, &st, next);
		if (r < 0)
			return ui_fail(&e);
	}
	return EXIT_OK;
}

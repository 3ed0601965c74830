/* SPDX-License-Identifier: Apache-2.0 */
/* What engines beside Docker look for: urunc, KubeVirt, crun with libkrun. */
#include "build/engines.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "image/index.h"

#define URUNC "com.urunc.unikernel."

enum { KEY_MAX = 64, PAIRS_MAX = 8 };

struct pair {
	char key[KEY_MAX];
	const char *value;
};

/*
 * A keel kernel starts as a Linux one does. urunc gives the disk only to
 * machines that have something on it; it needs none of the container's own
 * root file system.
 */
static size_t urunc_pairs(const struct build *b, struct pair v[PAIRS_MAX])
{
	const struct {
		const char *key, *value;
		int skip;
	} all[] = {
		{"unikernelType", "linux", 0},
		{"hypervisor", "qemu", 0},
		{"binary", "/" ENGINES_KERNEL, 0},
		{"cmdline", b->app->name, 0},
		{"unikernelVersion", "", 0},
		{"block", "/" ENGINES_DISK, !b->app->nfiles},
		{"blkMntPoint", "/", !b->app->nfiles},
		{"mountRootfs", "false", 0},
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i].skip || !*all[i].value)
			continue;
		snprintf(v[n].key, KEY_MAX, URUNC "%s", all[i].key);
		v[n++].value = all[i].value;
	}
	return n;
}

/* RFC 4648, 4; caller frees. */
static char *base64(const char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf out = {0};
	size_t n = strlen(text);

	buf_adds(&out, "");
	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = 0;

		for (size_t k = 0; k < 3; k++)
			v = v << 8 | (i + k < n ? (uint8_t)text[i + k] : 0);
		for (size_t k = 0; k < 4; k++) {
			char c = digits[v >> (18 - 6 * k) & 63];

			buf_add(&out, i + k > n ? "=" : &c, 1);
		}
	}
	return buf_steal(&out);
}

static void add_json(struct image_layer *l, const char *path, json_t *o)
{
	_free_ char *text = json_dumps(o, JSON_INDENT(2));
	_free_ char *line = xasprintf("%s\n", text);

	image_add_data(l, path, line, strlen(line), 0644, 0, 0);
	json_decref(o);
}

/* Flat, every value in base64 (with padding). */
static void add_urunc(const struct build *b, struct image_layer *l)
{
	struct pair v[PAIRS_MAX];
	size_t n = urunc_pairs(b, v);
	json_t *o = json_object();

	for (size_t i = 0; i < n; i++) {
		_free_ char *value = base64(v[i].value);

		json_object_set_new(o, v[i].key, json_string(value));
	}
	add_json(l, "urunc.json", o);
}

/* Kernel format 1 is ELF; libkrun's console is a virtio one. */
static void add_krun(struct image_layer *l)
{
	add_json(l, ".krun_vm.json",
		json_pack("{s:s, s:i, s:s}", "kernel_path", "/" ENGINES_KERNEL,
			"kernel_format", 1, "kernel_cmdline", "console=hvc0"));
}

static int check_volumes(const struct app *a, struct err *e)
{
	for (size_t i = 0; i < a->volumes.n; i++) {
		const char *v = a->volumes.v[i];

		if (!strcmp(v, "/disk") || !strncmp(v, "/disk/", 6))
			return err_set(e, -EINVAL,
				"volume %s: /disk of an image holds the disk "
				"of the machine alone, as KubeVirt wants it",
				v);
	}
	return 0;
}

int engines_add_files(
	const struct build *b, struct image_layer *l, struct err *e)
{
	int r = check_volumes(b->app, e);

	if (r < 0)
		return r;
	image_add_file(l, ENGINES_KERNEL, b->kernel, 0644, 0, 0);
	image_add_file(l, ENGINES_DISK, b->disk, 0444, 107, 107);
	add_urunc(b, l);
	add_krun(l);
	return 0;
}

static int has_label(const struct strv *labels, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i < labels->n; i++)
		if (!strncmp(labels->v[i], key, n) && labels->v[i][n] == '=')
			return 1;
	return 0;
}

static void add_label(struct strv *labels, const char *key, const char *value)
{
	if (!has_label(labels, key))
		strv_addf(labels, "%s=%s", key, value);
}

void engines_add_labels(const struct build *b, struct strv *labels)
{
	const struct strv *own = &b->app->labels;
	struct pair v[PAIRS_MAX];
	size_t n = urunc_pairs(b, v);

	for (size_t i = 0; i < own->n; i++)
		strv_add(labels, own->v[i]);
	add_label(labels, "org.opencontainers.image.title", b->app->name);
	add_label(labels, INDEX_BASE, b->target->base);
	add_label(labels, INDEX_TARGET, b->target->name);
	for (size_t i = 0; i < n; i++)
		add_label(labels, v[i].key, v[i].value);
}

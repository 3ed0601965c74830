/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes vm.json. */
#include "vm/config.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"

enum { CONFIG_MAX = 8 << 20, CONFIG_VERSION = 1 };

void vm_config_init(struct vm_config *c)
{
	memset(c, 0, sizeof(*c));
	c->machine = xstrdup("microvm");
	c->memory = 64ull << 20;
	c->cpus = 1;
	c->cpus_max = 1;
	c->network = 1;
	c->workdir = xstrdup("/");
	c->stop_signal = xstrdup("SIGTERM");
	c->stop_timeout_s = 10;
	c->qemu = xstrdup("qemu-system-x86_64");
}

void vm_config_free(struct vm_config *c)
{
	free(c->name);
	free(c->machine);
	strv_free(&c->args);
	strv_free(&c->env);
	free(c->workdir);
	free(c->hostname);
	strv_free(&c->ports);
	strv_free(&c->volumes);
	free(c->stop_signal);
	free(c->kernel);
	free(c->disk);
	free(c->qemu);
	free(c->firmware);
	memset(c, 0, sizeof(*c));
}

unsigned vm_config_stop_ms(const struct vm_config *c)
{
	if (c->stop_timeout_s == 0)
		return 1;
	return c->stop_timeout_s < UINT_MAX / 1000 ? c->stop_timeout_s * 1000
						   : UINT_MAX;
}

int vm_config_stop_signal(const struct vm_config *c)
{
	for (int i = 1; i < NSIG; i++) {
		const char *name = sigabbrev_np(i);

		if (name && !strncmp(c->stop_signal, "SIG", 3) &&
			!strcmp(c->stop_signal + 3, name))
			return i;
	}
	return SIGTERM;
}

/* One table serves the writer, the reader and its check of the keys. */
enum kind { STRING, SIZE, COUNT, FLAG, LIST };

struct key {
	const char *name;
	enum kind kind;
	size_t offset;
};

#define KEY(kind, field)                                        \
	{                                                       \
#field, kind, offsetof(struct vm_config, field) \
	}
static const struct key keys[] = {
	KEY(STRING, name),
	KEY(STRING, machine),
	KEY(SIZE, memory),
	KEY(SIZE, memory_min),
	KEY(COUNT, cpus),
	KEY(COUNT, cpus_max),
	KEY(LIST, args),
	KEY(LIST, env),
	KEY(STRING, workdir),
	KEY(STRING, hostname),
	KEY(FLAG, network),
	KEY(LIST, ports),
	KEY(LIST, volumes),
	KEY(LIST, exclusive),
	KEY(STRING, stop_signal),
	KEY(COUNT, stop_timeout_s),
	KEY(COUNT, drain_ms),
	KEY(COUNT, health_ms),
	KEY(STRING, kernel),
	KEY(STRING, disk),
	KEY(STRING, qemu),
	KEY(STRING, firmware),
};
enum { NKEYS = sizeof(keys) / sizeof(keys[0]) };

static void write_string(struct buf *b, const char *s)
{
	buf_adds(b, "\"");
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_addf(b, "\\%c", *s);
		else if ((unsigned char)*s < 0x20 || *s == 0x7f)
			buf_addf(b, "\\u%04x", *s);
		else
			buf_add(b, s, 1);
	}
	buf_adds(b, "\"");
}

static void write_list(struct buf *b, const struct strv *l)
{
	buf_adds(b, "[");
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			buf_adds(b, ", ");
		write_string(b, l->v[i]);
	}
	buf_adds(b, "]");
}

void vm_config_write(const struct vm_config *c, struct buf *out)
{
	buf_addf(out, "{\n  \"version\": %d", CONFIG_VERSION);
	for (size_t i = 0; i < NKEYS; i++) {
		const char *f = (const char *)c + keys[i].offset;
		char *const *s = (char *const *)(const void *)f;

		if (keys[i].kind == STRING && !*s)
			continue;
		buf_addf(out, ",\n  \"%s\": ", keys[i].name);
		switch (keys[i].kind) {
		case STRING:
			write_string(out, *s);
			break;
		case SIZE:
			buf_addf(out, "%llu",
				*(const unsigned long long *)(const void *)f);
			break;
		case COUNT:
			buf_addf(out, "%u", *(const unsigned *)(const void *)f);
			break;
		case FLAG:
			buf_adds(out, *(const unsigned *)(const void *)f
					      ? "true"
					      : "false");
			break;
		case LIST:
			write_list(out, (const struct strv *)(const void *)f);
			break;
		}
	}
	buf_adds(out, "\n}\n");
}

static int set_list(json_t *v, struct strv *l)
{
	json_t *item;
	size_t i;

	if (!json_is_array(v))
		return -EINVAL;
	strv_free(l);
	json_array_foreach(v, i, item)
	{
		if (!json_is_string(item))
			return -EINVAL;
		strv_take(l, xstrdup(json_string_value(item)));
	}
	return 0;
}

/* As much as a manifest can say (core/size.h). */
static const json_int_t size_max = (json_int_t)1024 << 30;

static int set_key(struct vm_config *c, const struct key *k, json_t *v)
{
	char *f = (char *)c + k->offset;

	switch (k->kind) {
	case STRING:
		if (!json_is_string(v))
			return -EINVAL;
		free(*(char **)(void *)f);
		*(char **)(void *)f = xstrdup(json_string_value(v));
		return 0;
	case SIZE:
	case COUNT:
		if (!json_is_integer(v) || json_integer_value(v) < 0)
			return -EINVAL;
		if (k->kind == SIZE && json_integer_value(v) > size_max)
			return -EINVAL;
		if (k->kind == SIZE)
			*(uint64_t *)(void *)f =
				(uint64_t)json_integer_value(v);
		else if (json_integer_value(v) > 1 << 30)
			return -EINVAL;
		else
			*(unsigned *)(void *)f =
				(unsigned)json_integer_value(v);
		return 0;
	case FLAG:
		if (!json_is_boolean(v))
			return -EINVAL;
		*(unsigned *)(void *)f = json_is_true(v);
		return 0;
	case LIST:
		return set_list(v, (struct strv *)(void *)f);
	}
	return -EINVAL;
}

static int set_all(
	struct vm_config *c, json_t *o, const char *path, struct err *e)
{
	const char *name;
	json_t *v;

	json_object_foreach(o, name, v)
	{
		size_t i = 0;

		if (!strcmp(name, "version")) {
			if (json_integer_value(v) != CONFIG_VERSION)
				return err_set(e, -EINVAL,
					"%s: version is not %d", path,
					CONFIG_VERSION);
			continue;
		}
		while (i < NKEYS && strcmp(keys[i].name, name) != 0)
			i++;
		if (i == NKEYS)
			return err_set(e, -EINVAL, "%s: unknown key \"%s\"",
				path, name);
		if (set_key(c, &keys[i], v))
			return err_set(e, -EINVAL, "%s: \"%s\" has a bad value",
				path, name);
	}
	if (!json_object_get(o, "version") || !c->name)
		return err_set(
			e, -EINVAL, "%s: version or name is missing", path);
	if (!c->kernel && !c->disk)
		return err_set(e, -EINVAL, "%s: neither kernel nor disk", path);
	return 0;
}

/* A name of an image's that leads out of it is refused. */
static int check_inside(const char *path, const char *config, struct err *e)
{
	for (const char *p = path; p; p = strchr(p, '/')) {
		p += strspn(p, "/");
		if (!strncmp(p, "..", 2) && (!p[2] || p[2] == '/'))
			return err_set(e, -EINVAL, "%s: \"%s\" leads out",
				config, path);
	}
	return 0;
}

static void resolve(char **path, const char *dir, const char *root)
{
	char *full;

	if (!*path)
		return;
	if (**path != '/')
		full = path_join(dir, *path);
	else if (root)
		full = xasprintf("%s%s", root, *path);
	else
		return;
	free(*path);
	*path = full;
}

int vm_config_read(const char *path, const char *root, struct vm_config *out,
	struct err *e)
{
	_vm_config_ struct vm_config c;
	_buf_ struct buf text = {0};
	_free_ char *dir = path_dir(path);
	json_error_t je;
	json_t *o;
	int r;

	vm_config_init(&c);
	r = file_read(path, CONFIG_MAX, &text, e);
	if (r < 0)
		return r;
	o = json_loadb(text.data ? text.data : "", text.len,
		JSON_REJECT_DUPLICATES, &je);
	if (!o)
		return err_set(e, -EINVAL, "%s:%d:%d: %s", path, je.line,
			je.column, je.text);
	r = json_is_object(o) ? set_all(&c, o, path, e)
			      : err_set(e, -EINVAL, "%s: not an object", path);
	json_decref(o);
	if (r < 0)
		return r;
	if (root && (check_inside(c.kernel, path, e) < 0 ||
			    check_inside(c.disk, path, e) < 0))
		return e->code;
	resolve(&c.kernel, dir, root);
	resolve(&c.disk, dir, root);
	*out = c;
	memset(&c, 0, sizeof(c));
	return 0;
}

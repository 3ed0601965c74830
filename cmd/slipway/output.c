/* SPDX-License-Identifier: Apache-2.0 */
/* The argument of --output: PATH, or KEY=VALUE pairs with commas between. */
#include "output.h"

#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/size.h"
#include "disk/convert.h"

/* What is being parsed. */
struct request {
	struct output *o;
	const struct opts *opts;
	unsigned seen; /* a bit for each key */
};

static int unknown(const struct request *q, const char *what, const char *value,
	const char *const *names, size_t n)
{
	const char *near = near_find(value, names, n);
	_buf_ struct buf all = {0};

	if (near)
		return opt_error(q->opts,
			"--output: unknown %s \"%s\", did you mean %s", what,
			value, near);
	for (size_t i = 0; i < n; i++)
		buf_addf(&all, "%s%s", i ? ", " : "", names[i]);
	return opt_error(q->opts, "--output: unknown %s \"%s\" (%s)", what,
		value, all.data);
}

static int set_type(struct request *q, const char *value)
{
	for (size_t i = 0; i < OUTPUT_TYPES; i++) {
		if (!strcmp(output_type_names[i], value)) {
			q->o->type = (enum output_type)i;
			return 0;
		}
	}
	return unknown(q, "type", value, output_type_names, OUTPUT_TYPES);
}

static int set_dest(struct request *q, const char *value)
{
	if (!*value)
		return opt_error(q->opts, "--output: empty dest");
	q->o->dest = xstrdup(value);
	return 0;
}

static int set_format(struct request *q, const char *value)
{
	if (!disk_format_known(value))
		return unknown(
			q, "format", value, disk_format_names, DISK_FORMATS);
	q->o->format = xstrdup(value);
	return 0;
}

static int set_size(struct request *q, const char *value)
{
	if (size_parse(value, &q->o->size) == 0)
		return 0;
	return opt_error(q->opts,
		"--output: size \"%s\" is not one such as 512M or 8G", value);
}

static int set_compression(struct request *q, const char *value)
{
	static const char *const names[] = {"gzip", "none", "zstd"};
	int c = compress_find(value);

	if (c < 0)
		return unknown(q, "compression", value, names,
			sizeof(names) / sizeof(names[0]));
	q->o->compression = (enum image_compression)c;
	return 0;
}

static int set_level(struct request *q, const char *value)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (*end || *value < '0' || *value > '9' || n > 99)
		return opt_error(q->opts,
			"--output: compression-level \"%s\" is not a number",
			value);
	q->o->level = (int)n;
	return 0;
}

int output_runner(
	enum output_runner *runner, const char *value, const struct opts *opts)
{
	for (size_t i = 0; i < OUTPUT_RUNNERS; i++) {
		if (!strcmp(output_runner_names[i], value)) {
			*runner = (enum output_runner)i;
			return 0;
		}
	}
	return opt_error(opts, "unknown runner \"%s\" (qemu, none)", value);
}

static int set_runner(struct request *q, const char *value)
{
	return output_runner(&q->o->runner, value, q->opts);
}

static const struct {
	const char *name;
	int (*set)(struct request *q, const char *value);
	unsigned types; /* bits of those that it goes with */
	const char *with;
} keys[] = {
	{"type", set_type, ~0u, NULL},
	{"dest", set_dest, ~0u, NULL},
	{"format", set_format, 1u << OUTPUT_DISK, "type=disk"},
	{"size", set_size, 1u << OUTPUT_DISK, "type=disk"},
	{"compression", set_compression, 1u << OUTPUT_DOCKER | 1u << OUTPUT_OCI,
		"type=docker and type=oci"},
	{"compression-level", set_level, 1u << OUTPUT_DOCKER | 1u << OUTPUT_OCI,
		"type=docker and type=oci"},
	{"runner", set_runner,
		1u << OUTPUT_DOCKER | 1u << OUTPUT_OCI | 1u << OUTPUT_ROOTFS,
		"type=docker, type=oci and type=rootfs"},
};
enum { NKEYS = sizeof(keys) / sizeof(keys[0]) };

/* One KEY=VALUE. */
static int set_pair(struct request *q, char *pair)
{
	const char *names[NKEYS];
	char *value = strchr(pair, '=');
	const char *near;

	if (!value)
		return opt_error(
			q->opts, "--output: \"%s\" is not KEY=VALUE", pair);
	*value++ = '\0';
	for (size_t i = 0; i < NKEYS; i++) {
		names[i] = keys[i].name;
		if (strcmp(pair, keys[i].name) != 0)
			continue;
		if (q->seen & 1u << i)
			return opt_error(
				q->opts, "--output: %s is given twice", pair);
		q->seen |= 1u << i;
		return keys[i].set(q, value);
	}
	near = near_find(pair, names, NKEYS);
	return opt_error(q->opts, "--output: unknown key \"%s\"%s%s", pair,
		near ? ", did you mean " : "", near ? near : "");
}

/* The keys of an output must go together. */
static int check(const struct request *q)
{
	const struct output *o = q->o;
	int min = compress_level_min(o->compression);
	int max = compress_level_max(o->compression);

	for (size_t i = 0; i < NKEYS; i++) {
		if (q->seen & 1u << i && !(keys[i].types & 1u << o->type))
			return opt_error(q->opts, "--output: %s goes with %s",
				keys[i].name, keys[i].with);
	}
	if (o->level != COMPRESS_DEFAULT && (o->level < min || o->level > max))
		return opt_error(q->opts,
			"--output: compression-level %d: %s has %d to %d",
			o->level, compress_name(o->compression), min, max);
	return 0;
}

int output_parse(struct output *o, const char *arg, const struct opts *opts)
{
	struct request q = {.o = o, .opts = opts};
	_free_ char *text = xstrdup(arg);
	char *pair, *rest = text;
	int r = 0;

	*o = (struct output){.level = COMPRESS_DEFAULT};
	if (!strchr(arg, '=')) {
		o->dest = xstrdup(arg);
		return *arg ? 0 : opt_error(opts, "--output: empty path");
	}
	while (!r && (pair = strsep(&rest, ",")))
		r = set_pair(&q, pair);
	return r ? r : check(&q);
}

void output_free(struct output *o)
{
	free(o->dest);
	free(o->format);
}

char *output_spec(const struct output *o, const char *dest)
{
	struct buf b = {0};

	buf_addf(&b, "type=%s,dest=%s", output_type_names[o->type], dest);
	if (o->format)
		buf_addf(&b, ",format=%s", o->format);
	if (o->size)
		buf_addf(&b, ",size=%lluK",
			(unsigned long long)(o->size + 1023) / 1024);
	if (o->type == OUTPUT_DOCKER || o->type == OUTPUT_OCI)
		buf_addf(&b, ",compression=%s", compress_name(o->compression));
	if (o->level != COMPRESS_DEFAULT)
		buf_addf(&b, ",compression-level=%d", o->level);
	if (o->runner != OUTPUT_RUNNER_QEMU)
		buf_addf(&b, ",runner=%s", output_runner_names[o->runner]);
	return buf_steal(&b);
}

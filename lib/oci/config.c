/* SPDX-License-Identifier: Apache-2.0 */
/* An image's configuration out of its JSON. */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "core/mem.h"
#include "oci/image.h"

enum { LIST_MAX = 4096 };

/* What is taken over must be of the type that the specification says. */
static int take_string(json_t *o, const char *key, char **to, struct err *e)
{
	json_t *v = json_object_get(o, key);

	if (!v || json_is_null(v))
		return 0;
	if (!json_is_string(v))
		return err_set(e, -EINVAL, "%s: not a string", key);
	if (*json_string_value(v))
		*to = xstrdup(json_string_value(v));
	return 0;
}

static int take_list(json_t *o, const char *key, struct strv *to, struct err *e)
{
	json_t *v = json_object_get(o, key), *item;
	size_t i;

	if (!v || json_is_null(v))
		return 0;
	if (!json_is_array(v) || json_array_size(v) > LIST_MAX)
		return err_set(e, -EINVAL, "%s: not a list of strings", key);
	json_array_foreach(v, i, item)
	{
		if (!json_is_string(item))
			return err_set(
				e, -EINVAL, "%s: not a list of strings", key);
		strv_add(to, json_string_value(item));
	}
	return 0;
}

/* A set: the keys of an object. */
static int take_keys(json_t *o, const char *key, struct strv *to, struct err *e)
{
	json_t *v = json_object_get(o, key), *item;
	const char *name;

	if (!v || json_is_null(v))
		return 0;
	if (!json_is_object(v) || json_object_size(v) > LIST_MAX)
		return err_set(e, -EINVAL, "%s: not an object", key);
	json_object_foreach(v, name, item) strv_add(to, name);
	return 0;
}

static uint64_t number(json_t *o, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(o, key));

	return n > 0 ? (uint64_t)n : 0;
}

static int take_health(json_t *o, struct oci_health *h, struct err *e)
{
	if (!json_is_object(o))
		return 0;
	h->interval_ns = number(o, "Interval");
	h->timeout_ns = number(o, "Timeout");
	h->start_period_ns = number(o, "StartPeriod");
	h->retries = (unsigned)(number(o, "Retries") & 0xffff);
	return take_list(o, "Test", &h->test, e);
}

static int take_config(json_t *o, struct oci_config *c, struct err *e)
{
	int r = take_list(o, "Env", &c->env, e);

	if (r == 0)
		r = take_list(o, "Entrypoint", &c->entrypoint, e);
	if (r == 0)
		r = take_list(o, "Cmd", &c->cmd, e);
	if (r == 0)
		r = take_list(o, "Shell", &c->shell, e);
	if (r == 0)
		r = take_keys(o, "ExposedPorts", &c->ports, e);
	if (r == 0)
		r = take_keys(o, "Volumes", &c->volumes, e);
	if (r == 0)
		r = take_string(o, "User", &c->user, e);
	if (r == 0)
		r = take_string(o, "WorkingDir", &c->workdir, e);
	if (r == 0)
		r = take_string(o, "StopSignal", &c->stop_signal, e);
	return r < 0 ? r
		     : take_health(json_object_get(o, "Healthcheck"),
			       &c->health, e);
}

/* An image of another machine is refused before its layers are read. */
static int check_platform(json_t *o, const char *arch, struct err *e)
{
	const char *os = json_string_value(json_object_get(o, "os"));
	const char *is = json_string_value(json_object_get(o, "architecture"));

	if (os && *os && strcmp(os, "linux") != 0)
		return err_set(e, -EINVAL, "it is for %s, not for linux", os);
	if (is && *is && strcmp(is, arch) != 0)
		return err_set(e, -EINVAL,
			"it is for %s machines, the target's are %s", is, arch);
	return 0;
}

static int take_diff_ids(json_t *o, struct oci_image *out, struct err *e)
{
	_strv_ struct strv ids = {0};
	int r = take_list(json_object_get(o, "rootfs"), "diff_ids", &ids, e);

	if (r < 0)
		return r;
	if (ids.n != out->nlayers)
		return err_set(e, -EINVAL,
			"it has %zu layers, its configuration says %zu",
			out->nlayers, ids.n);
	for (size_t i = 0; i < ids.n; i++) {
		if (strncmp(ids.v[i], "sha256:", 7) != 0)
			return err_set(e, -ENOTSUP,
				"layer %zu: the digest %.80s is not of SHA-256",
				i + 1, ids.v[i]);
		out->layers[i].diff_id = xstrdup(ids.v[i]);
	}
	return 0;
}

int oci_config_parse(const char *text, size_t len, const char *arch,
	struct oci_image *out, struct err *e)
{
	json_error_t je;
	json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &je);
	int r;

	if (!json_is_object(o)) {
		json_decref(o);
		return err_set(e, -EINVAL, "its configuration: %s",
			o ? "not an object" : je.text);
	}
	r = check_platform(o, arch, e);
	if (r == 0)
		r = take_diff_ids(o, out, e);
	if (r == 0)
		r = take_config(json_object_get(o, "config"), &out->config, e);
	json_decref(o);
	return r;
}

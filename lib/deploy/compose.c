/* SPDX-License-Identifier: Apache-2.0 */
/* A Compose file (Compose specification, version 2.4 and later). */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "deploy/deploy.h"
#include "deploy/yaml.h"

const char *const deploy_engine_names[DEPLOY_ENGINES] = {
	[DEPLOY_PLAIN] = "plain",
	[DEPLOY_URUNC] = "urunc",
	[DEPLOY_KUBEVIRT] = "kubevirt",
};

/* Compose puts variables in the place of $NAME. */
static char *escape(const char *s)
{
	struct buf b = {0};

	buf_adds(&b, "");
	for (; *s; s++)
		buf_add(&b, *s == '$' ? "$$" : s, *s == '$' ? 2 : 1);
	return buf_steal(&b);
}

static void put_env(struct yaml *y, const struct app *a)
{
	if (!a->env.n)
		return;
	yaml_open(y, "environment");
	for (size_t i = 0; i < a->env.n; i++) {
		_free_ char *text = escape(a->env.v[i]);

		yaml_item_string(y, text);
	}
	yaml_close(y);
}

static void put_ports(struct yaml *y, const struct app *a)
{
	if (!a->nports)
		return;
	yaml_open(y, "ports");
	for (size_t i = 0; i < a->nports; i++) {
		unsigned port = a->ports[i].port;
		_free_ char *text = xasprintf("%u:%u/%s", port, port,
			a->ports[i].udp ? "udp" : "tcp");

		yaml_item_string(y, text);
	}
	yaml_close(y);
}

/* "data" for /data, "srv-files" for /srv/files. */
static char *volume_name(const char *path)
{
	char *name = xstrdup(*path == '/' ? path + 1 : path);

	for (char *p = name; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789", *p))
			*p = '-';
	return name;
}

static void put_volumes(struct yaml *y, const struct app *a)
{
	if (!a->volumes.n)
		return;
	yaml_open(y, "volumes");
	for (size_t i = 0; i < a->volumes.n; i++) {
		_free_ char *name = volume_name(a->volumes.v[i]);
		_free_ char *path = escape(a->volumes.v[i]);
		_free_ char *text = xasprintf("v%zu-%s:%s", i, name, path);

		yaml_item_string(y, text);
	}
	yaml_close(y);
}

static void put_ms(struct yaml *y, const char *key, uint64_t ns)
{
	_free_ char *text = xasprintf("%" PRIu64 "ms", ns / 1000000);

	if (ns)
		yaml_plain(y, key, text);
}

static void put_health(struct yaml *y, const struct app_health *h)
{
	_strv_ struct strv command = {0}, test = {0};

	if (!h)
		return;
	app_health_command(h, &command);
	strv_add(&test, "CMD");
	for (size_t i = 0; i < command.n; i++)
		strv_take(&test, escape(command.v[i]));
	yaml_open(y, "healthcheck");
	yaml_list(y, "test", &test);
	put_ms(y, "interval", h->interval_ns);
	put_ms(y, "timeout", h->timeout_ns);
	put_ms(y, "start_period", h->start_period_ns);
	if (h->retries)
		yaml_number(y, "retries", h->retries);
	yaml_close(y);
}

/* The program needs no rights; its machine may be given some. */
static void put_rights(struct yaml *y, const struct deploy *d)
{
	yaml_plain(y, "read_only", "true");
	yaml_plain(y, "cap_drop", "[ALL]");
	if (d->takeover)
		yaml_plain(y, "cap_add", "[NET_ADMIN]");
	yaml_plain(y, "security_opt", "[\"no-new-privileges:true\"]");
	if (!d->takeover && !d->kvm)
		return;
	yaml_open(y, "devices");
	if (d->kvm)
		yaml_item_string(y, "/dev/kvm:/dev/kvm");
	if (d->takeover)
		yaml_item_string(y, "/dev/net/tun:/dev/net/tun");
	yaml_close(y);
}

static void put_service(struct yaml *y, const struct deploy *d)
{
	const struct app *a = d->app;
	_free_ char *grace = xasprintf("%us", a->stop_timeout_s);

	yaml_string(y, "image", d->image);
	if (a->hostname)
		yaml_string(y, "hostname", a->hostname);
	put_env(y, a);
	put_ports(y, a);
	put_volumes(y, a);
	/* The machine has what QEMU does not need of it. */
	yaml_number(y, "mem_limit", a->memory + DEPLOY_QEMU_BYTES);
	put_health(y, a->health);
	yaml_string(y, "stop_signal", a->stop_signal);
	yaml_plain(y, "stop_grace_period", grace);
	yaml_plain(y, "restart", "unless-stopped");
	put_rights(y, d);
}

int deploy_compose(const struct deploy *d, struct buf *out, struct err *e)
{
	struct yaml y = {.out = out};
	const struct app *a = d->app;
	_free_ char *service = xasprintf("\"%s\"", a->name); /* "on" */

	if (d->engine != DEPLOY_PLAIN)
		return err_set(e, -EINVAL, "Compose has no engine %s",
			deploy_engine_names[d->engine]);
	/* Older readers want one; it has mem_limit, which "3" does not. */
	yaml_string(&y, "version", "2.4");
	yaml_open(&y, "services");
	yaml_open(&y, service);
	put_service(&y, d);
	yaml_close(&y);
	yaml_close(&y);
	if (!a->volumes.n)
		return 0;
	yaml_open(&y, "volumes");
	for (size_t i = 0; i < a->volumes.n; i++) {
		_free_ char *name = volume_name(a->volumes.v[i]);
		_free_ char *key = xasprintf("v%zu-%s", i, name);

		yaml_plain(&y, key, "{}");
	}
	return 0;
}

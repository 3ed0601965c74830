/* SPDX-License-Identifier: Apache-2.0 */
/* A pod of one container (Kubernetes core/v1). */
#include "deploy/pod.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

enum { NAME_MAX_LEN = 63 };

char *pod_name(const struct app *a, struct err *e)
{
	char *name = xstrdup(a->name);
	size_t n;

	for (char *p = name; *p; p++)
		if (*p == '.' || *p == '_')
			*p = '-';
	n = strlen(name);
	if (n > NAME_MAX_LEN)
		n = NAME_MAX_LEN;
	while (n && name[n - 1] == '-')
		n--;
	name[n] = '\0';
	if (n)
		return name;
	free(name);
	err_set(e, -EINVAL, "\"%s\" cannot be a name in Kubernetes", a->name);
	return NULL;
}

char *pod_claim(const char *name, size_t i)
{
	return xasprintf("%.50s-data-%zu", name, i);
}

static void put_seconds(struct yaml *y, const char *key, uint64_t ns)
{
	if (ns)
		yaml_number(y, key, (ns + 999999999) / 1000000000);
}

/* The launcher's own test where there is one; else the engine asks. */
static void put_test(struct yaml *y, const struct deploy *d)
{
	const struct strv *t = &d->app->health->test;
	_strv_ struct strv command = {0};

	if (d->engine == DEPLOY_PLAIN) {
		app_health_command(d->app->health, &command);
		yaml_open(y, "exec");
		yaml_list(y, "command", &command);
	} else if (!strcmp(t->v[0], "http") && t->n < 4) {
		yaml_open(y, "httpGet");
		yaml_string(y, "path", t->n > 2 ? t->v[2] : "/");
		yaml_plain(y, "port", t->v[1]);
	} else { /* the engine cannot ask for one status */
		yaml_open(y, "tcpSocket");
		yaml_plain(y, "port", t->v[1]);
	}
	yaml_close(y);
}

static void put_probe(struct yaml *y, const struct deploy *d, const char *key)
{
	const struct app_health *h = d->app->health;
	uint64_t exec_ms = app_health_exec_ms(h);

	yaml_open(y, key);
	put_test(y, d);
	put_seconds(y, "initialDelaySeconds", h->start_period_ns);
	put_seconds(y, "periodSeconds", h->interval_ns);
	/* Kubernetes' own would be one second. */
	put_seconds(y, "timeoutSeconds",
		exec_ms ? exec_ms * 1000000 : h->timeout_ns);
	if (h->retries)
		yaml_number(y, "failureThreshold", h->retries);
	yaml_close(y);
}

void pod_put_probes(struct yaml *y, const struct deploy *d, int live)
{
	if (!d->app->health)
		return;
	put_probe(y, d, "readinessProbe");
	if (live)
		put_probe(y, d, "livenessProbe");
}

static void put_env(struct yaml *y, const struct app *a)
{
	if (!a->env.n)
		return;
	yaml_open(y, "env");
	for (size_t i = 0; i < a->env.n; i++) {
		_free_ char *key = xstrdup(a->env.v[i]);
		char *value = strchr(key, '=');
		_free_ struct buf *b = xcalloc(1, sizeof(*b));
		_free_ char *text = NULL;

		*value++ = '\0';
		/* $(NAME) would be another variable's value. */
		buf_adds(b, "");
		for (; *value; value++)
			buf_add(b, *value == '$' ? "$$" : value,
				*value == '$' ? 2 : 1);
		text = buf_steal(b);
		yaml_item(y);
		yaml_string(y, "name", key);
		yaml_string(y, "value", text);
		yaml_close(y);
	}
	yaml_close(y);
}

static void put_ports(struct yaml *y, const struct app *a)
{
	if (!a->nports)
		return;
	yaml_open(y, "ports");
	for (size_t i = 0; i < a->nports; i++) {
		yaml_item(y);
		yaml_number(y, "containerPort", a->ports[i].port);
		yaml_plain(y, "protocol", a->ports[i].udp ? "UDP" : "TCP");
		yaml_close(y);
	}
	yaml_close(y);
}

static void put_limits(struct yaml *y, const struct deploy *d)
{
	uint64_t own = d->engine == DEPLOY_PLAIN ? DEPLOY_QEMU_BYTES : 0;

	yaml_open(y, "resources");
	yaml_open(y, "limits");
	yaml_number(y, "memory", d->app->memory + own);
	yaml_number(y, "cpu", d->app->cpus);
	yaml_close(y);
	yaml_close(y);
}

/* /dev/kvm and /dev/net/tun are the host's; the first takes a privilege. */
static void put_rights(struct yaml *y, const struct deploy *d)
{
	if (d->engine != DEPLOY_PLAIN)
		return; /* the machine is the confinement */
	yaml_open(y, "securityContext");
	if (d->kvm) {
		yaml_plain(y, "privileged", "true");
	} else {
		yaml_plain(y, "allowPrivilegeEscalation", "false");
		yaml_plain(y, "readOnlyRootFilesystem", "true");
	}
	yaml_open(y, "capabilities");
	yaml_plain(y, "drop", "[ALL]");
	if (d->takeover)
		yaml_plain(y, "add", "[NET_ADMIN]");
	yaml_close(y);
	yaml_close(y);
}

static void put_mount(struct yaml *y, const char *name, const char *path)
{
	yaml_item(y);
	yaml_string(y, "name", name);
	yaml_string(y, "mountPath", path);
	yaml_close(y);
}

static void put_mounts(struct yaml *y, const struct deploy *d)
{
	const struct strv *v = &d->app->volumes;

	if (!v->n && !d->takeover && !d->kvm)
		return;
	yaml_open(y, "volumeMounts");
	for (size_t i = 0; i < v->n; i++) {
		_free_ char *name = xasprintf("data-%zu", i);

		put_mount(y, name, v->v[i]);
	}
	if (d->takeover)
		put_mount(y, "tun", "/dev/net/tun");
	if (d->kvm)
		put_mount(y, "kvm", "/dev/kvm");
	yaml_close(y);
}

static void put_device(struct yaml *y, const char *name, const char *path)
{
	yaml_item(y);
	yaml_string(y, "name", name);
	yaml_open(y, "hostPath");
	yaml_string(y, "path", path);
	yaml_plain(y, "type", "CharDevice");
	yaml_close(y);
	yaml_close(y);
}

static void put_volumes(
	struct yaml *y, const struct deploy *d, const char *name)
{
	const struct strv *v = &d->app->volumes;

	if (!v->n && !d->takeover && !d->kvm)
		return;
	yaml_open(y, "volumes");
	for (size_t i = 0; i < v->n; i++) {
		_free_ char *volume = xasprintf("data-%zu", i);
		_free_ char *claim = pod_claim(name, i);

		yaml_item(y);
		yaml_string(y, "name", volume);
		yaml_open(y, "persistentVolumeClaim");
		yaml_string(y, "claimName", claim);
		yaml_close(y);
		yaml_close(y);
	}
	if (d->takeover)
		put_device(y, "tun", "/dev/net/tun");
	if (d->kvm)
		put_device(y, "kvm", "/dev/kvm");
	yaml_close(y);
}

void pod_put(struct yaml *y, const struct deploy *d, const char *name)
{
	const struct app *a = d->app;

	if (d->engine == DEPLOY_URUNC)
		yaml_plain(y, "runtimeClassName", "urunc");
	yaml_plain(y, "automountServiceAccountToken", "false");
	yaml_plain(y, "enableServiceLinks", "false");
	yaml_number(y, "terminationGracePeriodSeconds", a->stop_timeout_s);
	yaml_open(y, "containers");
	yaml_item(y);
	yaml_string(y, "name", name);
	yaml_string(y, "image", d->image);
	put_env(y, a);
	put_ports(y, a);
	put_limits(y, d);
	pod_put_probes(y, d, 1);
	put_rights(y, d);
	put_mounts(y, d);
	yaml_close(y);
	yaml_close(y);
	put_volumes(y, d, name);
}

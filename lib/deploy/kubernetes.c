/* SPDX-License-Identifier: Apache-2.0 */
/* Deployment, VirtualMachine, Service and claims for Kubernetes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "deploy/deploy.h"
#include "deploy/pod.h"
#include "deploy/yaml.h"

static void put_labels(struct yaml *y, const char *key, const char *name)
{
	yaml_open(y, key);
	yaml_string(y, "app.kubernetes.io/name", name);
	yaml_close(y);
}

static void put_metadata(struct yaml *y, const char *name, const char *object)
{
	yaml_open(y, "metadata");
	yaml_string(y, "name", object);
	put_labels(y, "labels", name);
	yaml_close(y);
}

static void put_template(struct yaml *y, const char *name)
{
	yaml_open(y, "template");
	yaml_open(y, "metadata");
	put_labels(y, "labels", name);
	yaml_close(y);
	yaml_open(y, "spec");
}

/* One pod: two could not share what is in a volume. */
static void put_deployment(
	struct yaml *y, const struct deploy *d, const char *name)
{
	yaml_plain(y, "apiVersion", "apps/v1");
	yaml_plain(y, "kind", "Deployment");
	put_metadata(y, name, name);
	yaml_open(y, "spec");
	yaml_number(y, "replicas", 1);
	if (d->app->volumes.n) {
		yaml_open(y, "strategy");
		yaml_plain(y, "type", "Recreate");
		yaml_close(y);
	}
	yaml_open(y, "selector");
	put_labels(y, "matchLabels", name);
	yaml_close(y);
	put_template(y, name);
	pod_put(y, d, name);
	yaml_close(y);
	yaml_close(y);
	yaml_close(y);
}

static void put_domain(struct yaml *y, const struct app *a)
{
	yaml_open(y, "domain");
	yaml_open(y, "cpu");
	yaml_number(y, "cores", a->cpus);
	yaml_close(y);
	yaml_open(y, "memory");
	yaml_number(y, "guest", a->memory);
	yaml_close(y);
	yaml_open(y, "devices");
	yaml_open(y, "disks");
	yaml_item(y);
	yaml_string(y, "name", "disk");
	yaml_open(y, "disk");
	yaml_plain(y, "bus", "virtio");
	yaml_close(y);
	yaml_close(y);
	yaml_close(y);
	yaml_open(y, "interfaces");
	yaml_item(y);
	yaml_string(y, "name", "default");
	yaml_plain(y, "masquerade", "{}");
	yaml_close(y);
	yaml_close(y);
	yaml_plain(y, "rng", "{}");
	yaml_close(y);
	yaml_close(y);
}

static void put_machine(
	struct yaml *y, const struct deploy *d, const char *name)
{
	yaml_plain(y, "apiVersion", "kubevirt.io/v1");
	yaml_plain(y, "kind", "VirtualMachine");
	put_metadata(y, name, name);
	yaml_open(y, "spec");
	yaml_plain(y, "runStrategy", "Always");
	put_template(y, name);
	yaml_number(y, "terminationGracePeriodSeconds", d->app->stop_timeout_s);
	put_domain(y, d->app);
	yaml_open(y, "networks");
	yaml_item(y);
	yaml_string(y, "name", "default");
	yaml_plain(y, "pod", "{}");
	yaml_close(y);
	yaml_close(y);
	pod_put_probes(y, d, 0);
	yaml_open(y, "volumes");
	yaml_item(y);
	yaml_string(y, "name", "disk");
	yaml_open(y, "containerDisk");
	yaml_string(y, "image", d->image);
	yaml_close(y);
	yaml_close(y);
	yaml_close(y);
	yaml_close(y);
	yaml_close(y);
	yaml_close(y);
}

static void put_service(struct yaml *y, const struct app *a, const char *name)
{
	yaml_document(y);
	yaml_plain(y, "apiVersion", "v1");
	yaml_plain(y, "kind", "Service");
	put_metadata(y, name, name);
	yaml_open(y, "spec");
	put_labels(y, "selector", name);
	yaml_open(y, "ports");
	for (size_t i = 0; i < a->nports; i++) {
		const char *protocol = a->ports[i].udp ? "udp" : "tcp";
		_free_ char *port =
			xasprintf("%s-%u", protocol, a->ports[i].port);

		yaml_item(y);
		yaml_string(y, "name", port);
		yaml_number(y, "port", a->ports[i].port);
		yaml_plain(y, "protocol", a->ports[i].udp ? "UDP" : "TCP");
		yaml_close(y);
	}
	yaml_close(y);
	yaml_close(y);
}

static void put_claim(struct yaml *y, const char *name, size_t i)
{
	_free_ char *claim = pod_claim(name, i);

	yaml_document(y);
	yaml_plain(y, "apiVersion", "v1");
	yaml_plain(y, "kind", "PersistentVolumeClaim");
	put_metadata(y, name, claim);
	yaml_open(y, "spec");
	yaml_plain(y, "accessModes", "[ReadWriteOnce]");
	yaml_open(y, "resources");
	yaml_open(y, "requests");
	yaml_plain(y, "storage", "1Gi");
	yaml_close(y);
	yaml_close(y);
	yaml_close(y);
}

/* What an engine cannot do is refused, not left out. */
static int check(const struct deploy *d, struct err *e)
{
	const char *engine = deploy_engine_names[d->engine];

	if (d->engine == DEPLOY_PLAIN)
		return 0;
	if (d->app->volumes.n)
		return err_set(e, -EINVAL,
			"volume %s: with %s a volume would be a disk, and "
			"keel writes to volumes over 9P only",
			d->app->volumes.v[0], engine);
	if (app_health_exec_ms(d->app->health))
		return err_set(e, -EINVAL,
			"healthcheck: with %s nobody runs a command; test by "
			"\"tcp\" or \"http\"",
			engine);
	if (d->takeover || d->kvm)
		return err_set(e, -EINVAL,
			"%s gives the machine its address and KVM by itself",
			engine);
	return 0;
}

int deploy_kubernetes(const struct deploy *d, struct buf *out, struct err *e)
{
	struct yaml y = {.out = out};
	_free_ char *name = NULL;
	int r = check(d, e);

	if (r < 0)
		return r;
	name = pod_name(d->app, e);
	if (!name)
		return e->code;
	if (d->engine == DEPLOY_KUBEVIRT)
		put_machine(&y, d, name);
	else
		put_deployment(&y, d, name);
	if (d->app->nports)
		put_service(&y, d->app, name);
	for (size_t i = 0; i < d->app->volumes.n; i++)
		put_claim(&y, name, i);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* vm.json: what `slipway run` and the launcher start. */
#include <stdlib.h>
#include <string.h>

#include "build/pack.h"
#include "core/file.h"
#include "core/mem.h"
#include "toolchain/elf.h"
#include "toolchain/symbols.h"

void pack_ports(struct strv *to, const struct app *a)
{
	for (size_t i = 0; i < a->nports; i++)
		strv_addf(to, "%u/%s", a->ports[i].port,
			a->ports[i].udp ? "udp" : "tcp");
}

/*
 * A machine without a card starts faster, so it has one only if the link took
 * keel's network in. It did unless its unstripped copy shows otherwise.
 */
static int needs_network(const struct build *b)
{
	_free_ char *path = path_join(b->dir, "kernel.debug");
	_elf_ struct elf f = {0};
	struct err ignored;
	uint64_t at;

	if (strcmp(b->target->base, "keel") != 0 ||
		elf_open(&f, path, &ignored) < 0)
		return 1;
	return symbols_value(&f, "keel_net_init", &at) == 0 && at != 0;
}

void pack_config(const struct build *b, struct vm_config *c, const char *kernel,
	const char *disk)
{
	const struct app *a = b->app;

	vm_config_init(c);
	free(c->machine);
	free(c->workdir);
	free(c->stop_signal);
	c->name = xstrdup(a->name);
	c->machine = xstrdup(b->target->machine);
	c->memory = a->memory;
	c->memory_min = b->target->memory_min;
	c->cpus = a->cpus;
	c->cpus_max = b->target->cpus_max;
	c->network = (unsigned)needs_network(b);
	strv_add_all(&c->args, &a->args);
	strv_add_all(&c->env, &a->env);
	c->workdir = xstrdup(a->workdir);
	c->hostname = a->hostname ? xstrdup(a->hostname) : NULL;
	pack_ports(&c->ports, a);
	strv_add_all(&c->volumes, &a->volumes);
	strv_add_all(&c->exclusive, &a->exclusive);
	c->stop_signal = xstrdup(a->stop_signal);
	c->stop_timeout_s = a->stop_timeout_s;
	c->drain_ms = (unsigned)(a->drain_ns / 1000000);
	c->health_ms = app_health_exec_ms(a->health);
	c->kernel = xstrdup(kernel);
	c->disk = a->nfiles ? xstrdup(disk) : NULL;
}

int build_config(struct build *b, struct err *e)
{
	_vm_config_ struct vm_config c = {0};
	_buf_ struct buf text = {0}, old = {0};
	struct err ignored = {0};

	pack_config(b, &c, "kernel", "disk.img");
	vm_config_write(&c, &text);
	if (file_read(b->config, SIZE_MAX, &old, &ignored) == 0 &&
		old.len == text.len && !memcmp(old.data, text.data, text.len))
		return 0;
	return file_put(b->config, text.data, text.len, 0644, e);
}

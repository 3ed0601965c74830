/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's command line for a plan. */
#include <errno.h>
#include <string.h>

#include "abi/record.h"
#include "core/mem.h"
#include "vm/vm.h"
#include "vm/volume.h"

enum { MIB = 1 << 20 };

struct machine_type {
	const char *name;
	const char *options; /* of -M */
	const char *bus;     /* suffix of the virtio devices */
	int boots_disk;
};

/*
 * microvm without ACPI and without the interrupt controller and timer of
 * the old PC has nothing to set up but the serial port; QEMU then describes
 * the virtio devices on the kernel's command line.
 */
static const struct machine_type machine_types[] = {
	{"microvm", "microvm,acpi=off,pic=off,pit=off,rtc=off", "device", 0},
	{"q35", "q35,vmport=off", "pci", 1},
	{"pc", "pc,vmport=off", "pci", 1},
};

/* A microvm has places for eight devices: with more it has to be a PC. */
enum { MICROVM_DEVICES = 8 };

static int is_too_small(const struct vm_plan *p)
{
	size_t n = vm_volumes_devices(p->volumes) + !!p->disk + !p->serial +
		   (p->net ? p->net->ncards : 0);

	return n > MICROVM_DEVICES;
}

static const struct machine_type *machine_type(const struct vm_plan *p)
{
	for (size_t i = 0; i < 3; i++) {
		const struct machine_type *t = &machine_types[i];

		if (strcmp(t->name, p->machine) != 0)
			continue;
		return !t->boots_disk && is_too_small(p) ? &machine_types[2]
							 : t;
	}
	return NULL;
}

int vm_accel_parse(const char *name, enum vm_accel *out)
{
	static const char *const names[] = {
		[VM_ACCEL_AUTO] = "auto",
		[VM_ACCEL_KVM] = "kvm",
		[VM_ACCEL_TCG] = "tcg",
	};

	for (unsigned i = 0; i < 3; i++) {
		if (!strcmp(names[i], name)) {
			*out = (enum vm_accel)i;
			return 0;
		}
	}
	return -EINVAL;
}

char *vm_plan_escape(const char *path)
{
	struct buf b = {0};

	for (; *path; path++) {
		buf_add(&b, path, 1);
		if (*path == ',')
			buf_add(&b, ",", 1);
	}
	buf_adds(&b, "");
	return buf_steal(&b);
}

static void add_list(struct strv *v, const char *const *list)
{
	for (; *list; list++)
		strv_add(v, *list);
}

static void add_disk(
	const struct vm_plan *p, const struct machine_type *t, struct strv *v)
{
	_free_ char *path = vm_plan_escape(p->disk);

	strv_add(v, "-blockdev");
	strv_addf(v,
		"driver=%s,node-name=disk,read-only=on,file.driver=file,"
		"file.filename=%s",
		p->disk_format ? p->disk_format : "raw", path);
	strv_add(v, "-device");
	strv_addf(v, "virtio-blk-%s,drive=disk%s", t->bus,
		p->kernel ? "" : ",bootindex=0");
}

static void add_channel(
	const struct machine_type *t, const struct vm_fds *fds, struct strv *v)
{
	if (fds->record >= 0) {
		strv_add(v, "-fw_cfg");
		strv_addf(v, "name=" RECORD_FW_CFG ",file=/proc/self/fd/%d",
			fds->record);
	}
	if (fds->chan >= 0) {
		strv_add(v, "-chardev");
		strv_addf(v, "socket,id=chan,fd=%d", fds->chan);
		strv_add(v, "-device");
		strv_addf(v, "virtio-serial-%s,max_ports=2", t->bus);
		/* A port waits for us, a console would drop its output. */
		strv_add(v, "-device");
		strv_add(v, "virtserialport,chardev=chan,nr=1");
	}
	if (fds->serial >= 0) {
		strv_add(v, "-chardev");
		strv_addf(v, "socket,id=serial,fd=%d", fds->serial);
		strv_add(v, "-serial");
		strv_add(v, "chardev:serial");
	}
}

static void add_monitor(const struct vm_fds *fds, struct strv *v)
{
	if (fds->monitor < 0)
		return;
	strv_add(v, "-chardev");
	strv_addf(v, "socket,id=monitor,fd=%d", fds->monitor);
	strv_add(v, "-mon");
	strv_add(v, "chardev=monitor,mode=control");
}

static int check(
	const struct vm_plan *p, const struct machine_type *t, struct err *e)
{
	if (!t)
		return err_set(e, -EINVAL,
			"machine \"%s\" is not one of microvm, q35, pc",
			p->machine);
	if (!p->kernel && !p->disk)
		return err_set(e, -EINVAL, "neither a kernel nor a disk");
	if (!p->kernel && !t->boots_disk)
		return err_set(e, -EINVAL,
			"machine %s starts a kernel file; a disk boots on pc "
			"and q35",
			t->name);
	if (p->cpus > 1 && p->cpus > p->cpus_max)
		return err_set(e, -ENOTSUP,
			"%u CPUs asked for: its base can use %u", p->cpus,
			p->cpus_max ? p->cpus_max : 1);
	if (p->memory < MIB)
		return err_set(e, -EINVAL, "memory is below 1 MiB");
	return 0;
}

int vm_plan_command(const struct vm_plan *p, const struct vm_fds *fds,
	enum vm_accel accel, struct strv *v, struct err *e)
{
	static const char sandbox[] =
		"on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
		"resourcecontrol=deny";
	static const char *const fixed[] = {"-nodefaults", "-no-user-config",
		"-display", "none", "-no-reboot", "-sandbox", sandbox,
		"-global", "virtio-mmio.force-legacy=false", NULL};
	static const char *const kvm[] = {"-accel", "kvm", "-cpu",
		"host,migratable=off,arch-capabilities=off", NULL};
	static const char *const tcg[] = {"-cpu", "max", "-accel", NULL};
	const struct machine_type *t = machine_type(p);
	int r = check(p, t, e);

	if (r < 0)
		return r;
	strv_add(v, p->qemu ? p->qemu : "qemu-system-x86_64");
	if (p->firmware) {
		strv_add(v, "-L");
		strv_add(v, p->firmware);
	}
	strv_add(v, "-M");
	strv_add(v, t->options);
	add_list(v, accel == VM_ACCEL_KVM ? kvm : tcg);
	if (accel != VM_ACCEL_KVM)
		strv_addf(v, "tcg,tb-size=%u",
			p->code_cache_mib ? p->code_cache_mib : 32);
	strv_add(v, "-m");
	strv_addf(v, "%lluM", (unsigned long long)(p->memory / MIB));
	if (p->cpus > 1) {
		strv_add(v, "-smp");
		strv_addf(v, "%u", p->cpus);
	}
	add_list(v, fixed);
	if (p->kernel) {
		strv_add(v, "-kernel");
		strv_add(v, p->kernel);
	}
	if (p->disk)
		add_disk(p, t, v);
	vm_volumes_disks(p->volumes, t->bus, v);
	add_channel(t, fds, v);
	add_monitor(fds, v);
	if (p->net)
		vm_net_command(p->net, t->bus, p->serial, v);
	vm_volumes_command(p->volumes, t->bus, v);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes: what is asked for, QEMU's options, the boot record's items. */
#include "vm/volume.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "abi/record.h"
#include "core/file.h"
#include "core/mem.h"
#include "vm/record.h"
#include "vm/vm.h"

void vm_volumes_free(struct vm_volumes *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].host);
		free(l->v[i].guest);
		buf_free(&l->v[i].content);
		mem_close_p(&l->v[i].claim);
	}
	free(l->v);
	memset(l, 0, sizeof(*l));
}

static struct vm_volume *append(struct vm_volumes *l)
{
	struct vm_volume *v;

	l->v = xreallocarray(l->v, l->n + 1, sizeof(*l->v));
	v = &l->v[l->n++];
	memset(v, 0, sizeof(*v));
	v->claim = -1;
	return v;
}

/* "/dev/vdb" to "/dev/vdz": the letter's place from 'b' on, or -1. */
static int disk_number(const char *guest)
{
	if (strncmp(guest, "/dev/vd", 7) != 0 || guest[7] < 'b' ||
		guest[7] > 'z' || guest[8])
		return -1;
	return guest[7] - 'b';
}

static int is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return !strncmp(path, folder, n) && (path[n] == '/' || !path[n]);
}

/* The path without what changes nothing; NULL: it is not one to mount on. */
static char *clean_path(const char *path)
{
	struct buf b = {0};

	if (*path != '/')
		return NULL;
	while (*path) {
		size_t n = strcspn(path, "/");

		if (n == 2 && !strncmp(path, "..", 2)) {
			buf_free(&b);
			return NULL;
		}
		if (n && !(n == 1 && *path == '.')) {
			buf_adds(&b, "/");
			buf_add(&b, path, n);
		}
		path += n + (path[n] == '/');
	}
	buf_adds(&b, "");
	return buf_steal(&b);
}

static int check_guest(const char *guest, const char *spec, struct err *e)
{
	static const char *const ours[] = {"/proc", "/sys", "/dev"};

	if (!guest)
		return err_set(e, -EINVAL,
			"\"%s\": the path in the guest is not absolute", spec);
	if (!*guest)
		return err_set(e, -EINVAL,
			"\"%s\": the guest's root cannot be a volume", spec);
	for (size_t i = 0; i < 3; i++) {
		if (is_below(guest, ours[i]) && disk_number(guest) < 0)
			return err_set(e, -EINVAL,
				"\"%s\": %s is the guest's own (a disk is "
				"/dev/vdb to /dev/vdz)",
				spec, ours[i]);
	}
	return 0;
}

static int set_kind(struct vm_volume *v, struct err *e)
{
	struct stat st;

	if (stat(v->host, &st) < 0)
		return err_errno(e, "volume %s", v->host);
	if (disk_number(v->guest) >= 0) {
		v->kind = VM_VOLUME_DISK;
		v->block = S_ISBLK(st.st_mode);
		if (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode))
			return 0;
		return err_set(e, -EINVAL,
			"volume %s: neither a file nor a block device",
			v->host);
	}
	if (S_ISDIR(st.st_mode)) {
		v->kind = VM_VOLUME_FOLDER;
		return 0;
	}
	v->kind = VM_VOLUME_FILE;
	v->mode = st.st_mode & 07777;
	v->uid = st.st_uid;
	v->gid = st.st_gid;
	v->mtime = st.st_mtime;
	if (!S_ISREG(st.st_mode))
		return err_set(e, -ENOTSUP,
			"volume %s: neither a folder nor a regular file",
			v->host);
	if (st.st_size > VM_VOLUME_FILE_MAX)
		return err_set(e, -EFBIG,
			"volume %s: a single file of more than %u MiB; mount "
			"its folder",
			v->host, VM_VOLUME_FILE_MAX >> 20);
	return file_read(v->host, VM_VOLUME_FILE_MAX, &v->content, e);
}

int vm_volume_add(struct vm_volumes *l, const char *host, const char *guest,
	int read_only, struct err *e)
{
	struct vm_volume *v = append(l);

	v->host = realpath(host, NULL);
	v->guest = xstrdup(guest);
	v->read_only = read_only;
	if (!v->host)
		return err_errno(e, "volume %s", host);
	return set_kind(v, e);
}

void vm_volume_add_tmpfs(struct vm_volumes *l, const char *guest, uint64_t size,
	unsigned mode, int read_only)
{
	struct vm_volume *v = append(l);

	v->kind = VM_VOLUME_TMPFS;
	v->guest = xstrdup(guest);
	v->size = size;
	v->mode = mode;
	v->read_only = read_only;
}

int vm_volume_parse(struct vm_volumes *l, const char *spec, struct err *e)
{
	_free_ char *copy = xstrdup(spec), *guest = NULL;
	char *path = strchr(copy, ':'), *mode;
	int r, ro = 0;

	if (!path || path == copy)
		return err_set(e, -EINVAL,
			"\"%s\" is not HOST:GUEST, such as ./data:/data", spec);
	*path++ = 0;
	mode = strchr(path, ':');
	if (mode) {
		*mode++ = 0;
		ro = !strcmp(mode, "ro");
		if (!ro && strcmp(mode, "rw") != 0)
			return err_set(e, -EINVAL,
				"\"%s\": \"%s\" is not one of ro, rw", spec,
				mode);
	}
	if (!strchr(copy, '/'))
		return err_set(e, -EINVAL,
			"\"%s\": volumes with a name are Docker's; a folder "
			"here is ./%s",
			spec, copy);
	guest = clean_path(path);
	r = check_guest(guest, spec, e);
	return r < 0 ? r : vm_volume_add(l, copy, guest, ro, e);
}

static int compare(const void *a, const void *b)
{
	const struct vm_volume *x = a, *y = b;

	return strcmp(x->guest, y->guest);
}

int vm_volumes_sort(struct vm_volumes *l, struct err *e)
{
	int disks = 0;

	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), compare);
	for (size_t i = 0; i < l->n; i++) {
		const struct vm_volume *v = &l->v[i];

		if (i && !strcmp(v->guest, v[-1].guest))
			return err_set(e, -EINVAL,
				"two volumes at %s: there can be one",
				v->guest);
		if (v->kind == VM_VOLUME_DISK &&
			disk_number(v->guest) != disks++)
			return err_set(e, -EINVAL,
				"disk %s: disks follow one another, the next "
				"one is /dev/vd%c",
				v->guest, 'a' + disks);
	}
	return 0;
}

/* --- the machine ----------------------------------------------------------*/

size_t vm_volumes_devices(const struct vm_volumes *l)
{
	size_t n = 0;

	for (size_t i = 0; l && i < l->n; i++)
		n += l->v[i].kind == VM_VOLUME_FOLDER ||
		     l->v[i].kind == VM_VOLUME_DISK;
	return n;
}

/* Owners are what they are: with "none", what QEMU's user may not change is
 * refused when it is asked for, and new files are that user's. Numbers of
 * files from several file systems of the host are kept apart. */
static void add_folder(const struct vm_volume *v, size_t number,
	const char *bus, struct strv *argv)
{
	_free_ char *path = vm_plan_escape(v->host);

	strv_add(argv, "-fsdev");
	strv_addf(argv,
		"local,id=vol%zu,path=%s,security_model=none,multidevs=remap%s",
		number, path, v->read_only ? ",readonly=on" : "");
	strv_add(argv, "-device");
	strv_addf(argv, "virtio-9p-%s,fsdev=vol%zu,mount_tag=vol%zu", bus,
		number, number);
}

void vm_volumes_command(
	const struct vm_volumes *l, const char *bus, struct strv *argv)
{
	for (size_t i = 0; l && i < l->n; i++)
		if (l->v[i].kind == VM_VOLUME_FOLDER)
			add_folder(&l->v[i], i, bus, argv);
}

/* A flush of the guest reaches the disk: that is cache=writeback. */
static void add_disk(
	const struct vm_volume *v, const char *bus, struct strv *argv)
{
	_free_ char *path = vm_plan_escape(v->host);
	const char *name = v->guest + strlen("/dev/");

	strv_add(argv, "-blockdev");
	strv_addf(argv,
		"driver=raw,node-name=%s,read-only=%s,file.driver=%s,"
		"file.filename=%s",
		name, v->read_only ? "on" : "off",
		v->block ? "host_device" : "file", path);
	strv_add(argv, "-device");
	strv_addf(argv, "virtio-blk-%s,drive=%s", bus, name);
}

void vm_volumes_disks(
	const struct vm_volumes *l, const char *bus, struct strv *argv)
{
	for (size_t i = 0; l && i < l->n; i++)
		if (l->v[i].kind == VM_VOLUME_DISK)
			add_disk(&l->v[i], bus, argv);
}

static void add_record(const struct vm_volume *v, size_t number, struct buf *b)
{
	_buf_ struct buf item = {0};

	if (v->kind == VM_VOLUME_DISK)
		return;
	if (v->kind == VM_VOLUME_FOLDER)
		buf_addf(&item, "vol%zu", number);
	buf_add_zero(&item, 1);
	buf_add(&item, v->guest, strlen(v->guest) + 1);
	if (v->kind == VM_VOLUME_FOLDER) {
		buf_adds(&item, v->read_only ? "ro" : "rw");
	} else if (v->kind == VM_VOLUME_FILE) {
		buf_addf(&item, "file,mode=%o,uid=%u,gid=%u,mtime=%lld",
			v->mode, v->uid, v->gid,
			(long long)(v->mtime > 0 ? v->mtime : 0));
	} else {
		buf_addf(&item, "tmpfs,mode=%o", v->mode);
		if (v->size)
			buf_addf(&item, ",size=%llu",
				(unsigned long long)v->size);
		if (v->read_only)
			buf_adds(&item, ",ro");
	}
	buf_add_zero(&item, 1);
	if (v->content.len)
		buf_add(&item, v->content.data, v->content.len);
	record_add(b, RECORD_MOUNT, item.data, item.len);
}

void vm_volumes_record(const struct vm_volumes *l, struct buf *record)
{
	for (size_t i = 0; l && i < l->n; i++)
		add_record(&l->v[i], i, record);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Generated files of /etc, and files that the boot record brings. */
#include <asm/errno.h>
#include <linux/stat.h>

#include "fs/boot.h"
#include "fs/content.h"
#include "fs/names.h"
#include "fs/proc.h"
#include "kern/boot.h"
#include "kern/log.h"
#include "kern/string.h"
#include "mm/kmalloc.h"

/* The file at a path with this content; parents are made. What is there is
 * replaced, also a link, so that no other name of it changes. */
static int write_file(const char *path, const void *data, size_t n)
{
	struct dentry *d;
	long r = name_make_parents(path);

	if (!r)
		r = name_unlink(fs_root(), path);
	if (!r || r == -ENOENT)
		r = name_mknod(fs_root(), path, S_IFREG | 0644, 0);
	if (!r)
		r = path_walk(fs_root(), path, 0, &d);
	if (r)
		return r;
	r = content_write(
		d->inode, (struct iobuf){(char *)(uintptr_t)data, true}, n, 0);
	dentry_put(d);
	if (r >= 0)
		r = (size_t)r == n ? 0 : -ENOSPC;
	return r;
}

/* Universal time: TZif version 2, one type and no transitions, in each of
 * the two data blocks (RFC 8536). */
#define TZ_BLOCK                                      \
	"TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" \
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4"    \
	"\0\0\0\0\0\0UTC\0"
static const char utc[] = TZ_BLOCK TZ_BLOCK "\nUTC0\n";
_Static_assert(sizeof(utc) - 1 == 2 * (44 + 6 + 4) + 6, "header, type, name");

static const struct {
	const char *path, *text;
	size_t len; /* 0: of the text */
} files[] = {
	{"/etc/passwd",
		"root:x:0:0:root:/root:/bin/sh\n"
		"nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n",
		0},
	{"/etc/group", "root:x:0:\nnogroup:x:65534:\n", 0},
	{"/etc/hosts",
		"127.0.0.1\tlocalhost\n"
		"::1\tlocalhost ip6-localhost ip6-loopback\n",
		0},
	{"/etc/resolv.conf", "", 0},
	{"/etc/nsswitch.conf",
		"passwd: files\ngroup: files\n"
		"hosts: files dns\n",
		0},
	{"/etc/localtime", utc, sizeof(utc) - 1},
};

/* Also a dangling link is something. */
static bool is_there(const char *path)
{
	struct dentry *d;

	if (path_walk(fs_root(), path, 0, &d))
		return false;
	dentry_put(d);
	return true;
}

static int make_hostname(void)
{
	const struct record_item *i = record_next(NULL, RECORD_HOSTNAME);
	const char *name = i ? record_data(i) : "localhost";
	size_t len = i ? i->len : strlen(name);
	char *text;
	int err;

	if (is_there("/etc/hostname"))
		return 0;
	text = kmalloc(len + 1);
	if (!text)
		return -ENOMEM;
	memcpy(text, name, len);
	text[len] = '\n';
	err = write_file("/etc/hostname", text, len + 1);
	kfree(text);
	return err;
}

extern const struct text_entry proc_net_entries[] weak;

/* In programs with sockets, unless somebody knows better: what a DHCP server
 * tells. */
static int link_resolver(void)
{
	static const char path[] = "/etc/resolv.conf";
	int err = 0;

	if (proc_net_entries && !is_there(path))
		err = name_make_parents(path);
	if (proc_net_entries && !is_there(path) && !err)
		err = name_symlink(fs_root(), path, "/proc/net/pnp");
	return err;
}

int etc_make(void)
{
	int err = link_resolver();

	for (unsigned i = 0; !err && i < ARRAY_SIZE(files); i++) {
		if (is_there(files[i].path))
			continue;
		err = write_file(files[i].path, files[i].text,
			files[i].len ? files[i].len : strlen(files[i].text));
	}
	return err ? err : make_hostname();
}

int etc_record_files(void)
{
	const struct record_item *i = NULL;

	while ((i = record_next(i, RECORD_FILE))) {
		const char *path = record_data(i);
		size_t n = strnlen(path, i->len);
		int err = -EINVAL;

		if (n < i->len && *path == '/')
			err = write_file(path, path + n + 1, i->len - n - 1);
		if (err == -ENOSPC || err == -ENOMEM)
			return err;
		if (err)
			kmsg("keel: a file of the boot record is left out: "
			     "error %d\n",
				-err);
	}
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tells what a file is by its first bytes. */
#include "inspect/inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/digest.h"
#include "core/mem.h"
#include "image/gojson.h"
#include "inspect/reasons.h"

json_t *inspect_string(const char *s, size_t len)
{
	_free_ char *copy = xstrndup(s, len);

	if (!gojson_utf8_ok(copy))
		for (char *p = copy; *p; p++)
			if (*p & 0x80)
				*p = '?';
	return json_string(copy);
}

void inspect_set_digest(json_t *o, const char *key, struct digest *d)
{
	struct digest_hex hex = digest_end(d);

	json_object_set_new(o, key, json_sprintf("sha256:%s", hex.s));
}

void inspect_digest(
	json_t *o, const char *key, const unsigned char *p, size_t len)
{
	struct digest d;

	digest_init(&d);
	digest_add(&d, p, len);
	inspect_set_digest(o, key, &d);
}

json_t *inspect_entry(const char *path, unsigned mode, unsigned uid,
	unsigned gid, uint64_t size, const char *link, size_t link_len)
{
	json_t *o = json_object();
	const char *type = S_ISDIR(mode)   ? "directory"
			   : S_ISLNK(mode) ? "link"
			   : S_ISREG(mode) ? "file"
					   : "other";
	char text[8];

	snprintf(text, sizeof(text), "%04o", mode & 07777);
	json_object_set_new(o, "path", inspect_string(path, strlen(path)));
	json_object_set_new(o, "type", json_string(type));
	json_object_set_new(o, "mode", json_string(text));
	json_object_set_new(o, "uid", json_integer(uid));
	json_object_set_new(o, "gid", json_integer(gid));
	if (S_ISREG(mode))
		json_object_set_new(o, "size", json_integer((json_int_t)size));
	if (link)
		json_object_set_new(o, "link", inspect_string(link, link_len));
	return o;
}

/* Formats that are somebody else's, to say so by name. */
static const char *foreign_format(const unsigned char *p, size_t len)
{
	static const struct {
		size_t at;
		const char *magic;
		const char *name;
	} known[] = {
		{0, "QFI\xfb", "a qcow2 disk"},
		{0, "KDMV", "a vmdk disk"},
		{0, "vhdxfile", "a vhdx disk"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t n = strlen(known[i].magic);

		if (len >= known[i].at + n &&
			memcmp(p + known[i].at, known[i].magic, n) == 0)
			return known[i].name;
	}
	return NULL;
}

static int looks_like_tar(const unsigned char *p, size_t len)
{
	return (len >= 512 && memcmp(p + 257, "ustar", 5) == 0) ||
	       (len >= 2 && p[0] == 0x1f && p[1] == 0x8b);
}

json_t *inspect_bytes(const char *path, const unsigned char *p, size_t len,
	unsigned flags, struct err *e)
{
	static const unsigned char erofs[4] = {0xe2, 0xe1, 0xf5, 0xe0};
	const char *foreign = foreign_format(p, len);

	if (len >= 4 && memcmp(p, "\177ELF", 4) == 0)
		return inspect_elf(path, p, len, flags, e);
	if (foreign) {
		err_set(e, -EINVAL,
			"%s; only raw disks can be looked into: "
			"qemu-img convert -O raw",
			foreign);
		return NULL;
	}
	if (len >= 1024 && memcmp(p + 512, "EFI PART", 8) == 0)
		return inspect_disk(path, p, len, flags, e);
	if (looks_like_tar(p, len))
		return inspect_image(path, 0, flags, e);
	if (len >= 4096 && memcmp(p + 1024, erofs, 4) == 0)
		return inspect_rootfs(p, len, flags, e);
	err_set(e, -EINVAL,
		"not an image, disk, kernel, program or root filesystem");
	return NULL;
}

/* A root filesystem in the folder of its build has them beside it. */
static void tell_reasons(const char *path, json_t *found)
{
	json_t *reasons = reasons_beside(path);
	json_t *rootfs = json_object_get(found, "rootfs");

	if (reasons)
		reasons_tell(reasons,
			json_object_get(rootfs ? rootfs : found, "files"));
	json_decref(reasons);
}

static json_t *inspect_regular(
	const char *path, size_t len, int fd, unsigned flags, struct err *e)
{
	json_t *found;
	void *p;

	if (len == 0) {
		err_set(e, -EINVAL, "the file is empty");
		return NULL;
	}
	p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED) {
		err_errno(e, "read");
		return NULL;
	}
	found = inspect_bytes(path, p, len, flags, e);
	munmap(p, len);
	if (found && flags & INSPECT_FILES)
		tell_reasons(path, found);
	return found;
}

json_t *inspect_file(const char *path, unsigned flags, struct err *e)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	json_t *found = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		err_errno(e, "open %s", path);
		return NULL;
	}
	if (S_ISDIR(st.st_mode))
		found = inspect_is_tree(path)
				? inspect_tree(path, flags, e)
				: inspect_image(path, 1, flags, e);
	else if (S_ISREG(st.st_mode))
		found = inspect_regular(path, (size_t)st.st_size, fd, flags, e);
	else
		err_set(e, -EINVAL, "not a regular file or folder");
	if (!found)
		err_wrap(e, "%s", path);
	return found;
}

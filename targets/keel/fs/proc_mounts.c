/* SPDX-License-Identifier: Apache-2.0 */
/* /proc/self/mounts and /proc/self/mountinfo. */
#include "fs/devices.h"
#include "fs/proc.h"

enum { PATH_SHORT = 256, FIRST_ID = 21, ABOVE_ROOT = 1 };

/* Fields end with a space, lines with a newline: in names they are octal. */
static void add_path(struct text *t, const char *p)
{
	for (; *p; p++) {
		if (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\\')
			text_add(t, "\\%u%u%u", (unsigned)*p >> 6, *p >> 3 & 7,
				*p & 7);
		else
			text_add_bytes(t, p, 1);
	}
}

static const char *rights(const struct fs *fs)
{
	return fs->read_only || fs->mounted_ro ? "ro" : "rw";
}

/* Where it is mounted; false: at no name that is shown. */
static bool add_place(struct text *t, const struct fs *fs)
{
	char buf[PATH_SHORT], *path = buf;
	bool deleted;

	if (dentry_path(fs->root, buf, sizeof(buf), &path, &deleted))
		return false;
	add_path(t, path);
	return true;
}

void proc_show_mounts(struct text *t)
{
	for (const struct fs *fs = mount_first; fs; fs = fs->next) {
		size_t start = t->len;

		text_add(t, "%s ", fs->type);
		if (add_place(t, fs))
			text_add(t, " %s %s,noatime 0 0\n", fs->type,
				rights(fs));
		else
			t->len = start;
	}
}

static unsigned id_of(const struct fs *fs)
{
	unsigned id = FIRST_ID;

	for (const struct fs *f = mount_first; f != fs; f = f->next)
		id++;
	return id;
}

void proc_show_mountinfo(struct text *t)
{
	for (const struct fs *fs = mount_first; fs; fs = fs->next) {
		size_t start = t->len;

		text_add(t, "%u %u %u:%u / ", id_of(fs),
			fs->covered ? id_of(fs->covered->fs) : ABOVE_ROOT,
			dev_major(fs->dev), dev_minor(fs->dev));
		if (add_place(t, fs))
			text_add(t, " %s,noatime - %s %s %s\n", rights(fs),
				fs->type, fs->type, rights(fs));
		else
			t->len = start;
	}
}

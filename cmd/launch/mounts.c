/* SPDX-License-Identifier: Apache-2.0 */
/* Finds volumes among the mounts of a container. */
#include "mounts.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/mem.h"

enum { MOUNTINFO_MAX = 4 << 20 };

/* A name that ends with a slash stands for all that is below it. */
static const char *const engines_own[] = {"/proc/", "/sys/", "/dev/",
	"/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/run/.containerenv",
	"/sbin/docker-init", "/run/podman-init"};

static int is_disk(const char *point)
{
	return !strncmp(point, "/dev/vd", 7) && point[7] >= 'b' &&
	       point[7] <= 'z' && !point[8];
}

static int is_engines_own(const char *point)
{
	if (!strcmp(point, "/"))
		return 1;
	for (size_t i = 0; i < sizeof(engines_own) / sizeof(*engines_own);
		i++) {
		const char *own = engines_own[i];
		size_t n = strlen(own);
		int tree = own[n - 1] == '/';

		if (tree && (!strncmp(point, own, n) ||
				    (strlen(point) == n - 1 &&
					    !strncmp(point, own, n - 1))))
			return !is_disk(point);
		if (!tree && !strcmp(point, own))
			return 1;
	}
	return 0;
}

/* Spaces and the like are written as \ooo. In place. */
static void decode(char *s)
{
	char *out = s;

	for (; *s; s++) {
		if (*s == '\\' && strspn(s + 1, "01234567") >= 3) {
			*out++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 |
					(s[3] - '0'));
			s += 3;
		} else {
			*out++ = *s;
		}
	}
	*out = 0;
}

static int has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (!strncmp(list, word, n) && (list[n] == ',' || !list[n]))
			return 1;
	return 0;
}

/* The number behind KEY= in a list of options; `none` if it is not there. */
static unsigned long long number(
	const char *list, const char *key, int base, unsigned long long none)
{
	size_t n = strlen(key);
	unsigned long long v;
	char *end;

	for (; *list; list += strcspn(list, ","), list += *list == ',') {
		if (strncmp(list, key, n) != 0)
			continue;
		v = strtoull(list + n, &end, base);
		return *end == 'k' ? v << 10 : *end == 'm' ? v << 20 : v;
	}
	return none;
}

/* The fields of a line that count. */
struct mount {
	char *root, *point, *options; /* of this mount */
	char *type, *source, *super;  /* of its file system */
};

/* "36 35 98:0 /root /point options ... - type source super" */
static int split(char *line, struct mount *m)
{
	char *tail = strstr(line, " - "), *rest, *word[6] = {0};

	if (!tail)
		return -EINVAL;
	*tail = 0;
	word[0] = strtok_r(line, " ", &rest);
	for (int i = 1; i < 6 && word[i - 1]; i++)
		word[i] = strtok_r(NULL, " ", &rest);
	m->root = word[3];
	m->point = word[4];
	m->options = word[5];
	m->type = strtok_r(tail + 3, " ", &rest);
	m->source = m->type ? strtok_r(NULL, " ", &rest) : NULL;
	m->super = m->source ? strtok_r(NULL, " ", &rest) : NULL;
	if (!m->options || !m->super)
		return -EINVAL;
	decode(m->point);
	return 0;
}

static int is_empty(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *ent;
	int n = 0;

	if (!d)
		return 0;
	while ((ent = readdir(d)))
		n += strcmp(ent->d_name, ".") != 0 &&
		     strcmp(ent->d_name, "..") != 0;
	closedir(d);
	return !n;
}

/* Memory that nobody has put something into, or shares with the container:
 * an engine mounts it so, a bind of one that others use has other flags. */
static int is_own_tmpfs(const struct mount *m)
{
	return !strcmp(m->type, "tmpfs") && !strcmp(m->root, "/") &&
	       has_word(m->options, "nodev") && is_empty(m->point);
}

static int is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return !strncmp(path, folder, n) && path[n] == '/';
}

/* A file in a folder that is given comes with it. */
static int is_covered(const struct vm_volumes *l, const char *point)
{
	struct stat st;

	if (is_disk(point) || stat(point, &st) < 0 || S_ISDIR(st.st_mode))
		return 0;
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].kind == VM_VOLUME_FOLDER &&
			is_below(point, l->v[i].guest))
			return 1;
	return 0;
}

static int add(struct vm_volumes *l, const struct mount *m, struct err *e)
{
	int ro = has_word(m->options, "ro") || has_word(m->super, "ro");

	if (is_own_tmpfs(m)) {
		vm_volume_add_tmpfs(l, m->point,
			number(m->super, "size=", 10, 0),
			(unsigned)number(m->super, "mode=", 8, 01777), ro);
		return 0;
	}
	if (is_covered(l, m->point))
		return 0;
	return vm_volume_add(l, m->point, m->point, ro, e);
}

/* The text is in the order of mounting. */
static int compare(const void *a, const void *b)
{
	const struct mount *x = a, *y = b;

	int r = strcmp(x->point, y->point);

	return r ? r : (x->point > y->point) - (x->point < y->point);
}

int mounts_find(const char *mountinfo, struct vm_volumes *out, struct err *e)
{
	_buf_ struct buf text = {0};
	_free_ struct mount *list = NULL;
	char *rest, *line;
	size_t n = 0;
	int r = 0;

	if (file_read(mountinfo, MOUNTINFO_MAX, &text, e) < 0)
		return 0; /* no /proc: nothing is known, nothing is given */
	buf_adds(&text, "");
	for (line = strtok_r(text.data, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest)) {
		list = xreallocarray(list, n + 1, sizeof(*list));
		if (split(line, &list[n]) == 0 &&
			!is_engines_own(list[n].point))
			n++;
	}
	/* Folders before what is in them; of two at one place the later one
	 * is on top. */
	if (n)
		qsort(list, n, sizeof(*list), compare);
	for (size_t i = 0; i < n && r == 0; i++)
		if (i + 1 == n || strcmp(list[i].point, list[i + 1].point) != 0)
			r = add(out, &list[i], e);
	return r < 0 ? r : vm_volumes_sort(out, e);
}

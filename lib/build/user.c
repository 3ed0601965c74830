/* SPDX-License-Identifier: Apache-2.0 */
/* Looks a user up in the lists of the root filesystem. */
#include "build/user.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"

enum { LIST_MAX = 4 << 20, FIELDS = 7 };

/* The file that the root has at a path; the manifest's own comes last. */
static int read_list(
	const struct app *a, const char *path, struct buf *out, struct err *e)
{
	const char *from = NULL;

	for (size_t i = 0; i < a->nfiles; i++)
		if (!strcmp(a->files[i].to, path) && a->files[i].from)
			from = a->files[i].from;
	if (from && file_read(from, LIST_MAX, out, e) < 0)
		return err_wrap(e, "%s of the root", path);
	buf_add(out, "", 0);
	return 0;
}

/* A number of a user or group; -1: it is none. */
static long long number(const char *s)
{
	size_t n = strspn(s, "0123456789");
	long long v = strtoll(s, NULL, 10);

	return n && n < 11 && !s[n] && v < 0xffffffffLL ? v : -1;
}

/* Cuts a line NAME:X:ID:... in place; fields that are missing are "". */
static void split(char *line, char *field[FIELDS])
{
	for (int i = 0; i < FIELDS; i++) {
		field[i] = line;
		line += strcspn(line, ":");
		if (*line)
			*line++ = 0;
	}
}

/* The next line of a text in place, or NULL. */
static char *next_line(char **text)
{
	char *line = *text;

	if (!line || !*line)
		return NULL;
	*text = line + strcspn(line, "\n");
	if (**text)
		*(*text)++ = 0;
	return line;
}

static int has_member(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (!strncmp(list, name, n) && (list[n] == ',' || !list[n]))
			return 1;
	return 0;
}

/* 1: found, with the name that the list has for it. */
static int find_user(
	struct buf *passwd, const char *user, struct user_ids *out, char **name)
{
	long long id = number(user);
	char *at = passwd->data, *line, *f[FIELDS];

	while ((line = next_line(&at))) {
		split(line, f);
		if (number(f[2]) < 0 || number(f[3]) < 0 ||
			(strcmp(f[0], user) != 0 && number(f[2]) != id))
			continue;
		out->uid = (uint32_t)number(f[2]);
		out->gid = (uint32_t)number(f[3]);
		out->home = *f[5] ? xstrdup(f[5]) : NULL;
		*name = xstrdup(f[0]);
		return 1;
	}
	return 0;
}

static int find_group(struct buf *group, const char *wanted, uint32_t *gid)
{
	long long id = number(wanted);
	char *at = group->data, *line, *f[FIELDS];

	while ((line = next_line(&at))) {
		split(line, f);
		if (number(f[2]) < 0 ||
			(strcmp(f[0], wanted) != 0 && number(f[2]) != id))
			continue;
		*gid = (uint32_t)number(f[2]);
		return 1;
	}
	return 0;
}

static void find_groups(
	struct buf *group, const char *name, struct user_ids *out)
{
	char *at = group->data, *line, *f[FIELDS];

	while ((line = next_line(&at)) && out->ngroups < USER_GROUPS_MAX) {
		split(line, f);
		if (number(f[2]) >= 0 && has_member(f[3], name))
			out->groups[out->ngroups++] = (uint32_t)number(f[2]);
	}
}

/* Engines give the first group among the further ones, too. */
static void add_own_group(struct user_ids *ids)
{
	for (size_t i = 0; i < ids->ngroups; i++)
		if (ids->groups[i] == ids->gid)
			return;
	if (ids->ngroups == USER_GROUPS_MAX)
		ids->ngroups--;
	memmove(ids->groups + 1, ids->groups,
		ids->ngroups * sizeof(*ids->groups));
	ids->groups[0] = ids->gid;
	ids->ngroups++;
}

int user_find(const struct app *a, struct user_ids *out, struct err *e)
{
	const char *said = a->user && *a->user ? a->user : "0";
	const char *colon = strchr(said, ':');
	_free_ char *user = xstrndup(said, strcspn(said, ":"));
	_buf_ struct buf passwd = {0}, group = {0};
	_free_ char *name = NULL;
	struct user_ids ids = {0};
	int r = read_list(a, "/etc/passwd", &passwd, e);

	if (r == 0)
		r = read_list(a, "/etc/group", &group, e);
	if (r < 0)
		return r;
	if (!find_user(&passwd, *user ? user : "0", &ids, &name)) {
		if (*user && number(user) < 0)
			return err_set(e, -EINVAL,
				"user %s is not in /etc/passwd of the root",
				user);
		ids.uid = *user ? (uint32_t)number(user) : 0;
	}
	if (colon && colon[1]) {
		if (!find_group(&group, colon + 1, &ids.gid)) {
			if (number(colon + 1) < 0) {
				free(ids.home);
				return err_set(e, -EINVAL,
					"group %s is not in /etc/group of the "
					"root",
					colon + 1);
			}
			ids.gid = (uint32_t)number(colon + 1);
		}
	} else if (name) {
		find_groups(&group, name, &ids);
	}
	add_own_group(&ids);
	*out = ids;
	return 0;
}

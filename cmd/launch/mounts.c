/* SPDX-License-Identifier: Apache-2.0 */
/* Finds volumes among the mounts of a container. */
#include "mounts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"

enum { MOUNTINFO_MAX = 4 << 20, POINT_FIELD = 4 };

/* A name that ends with a slash stands for all that is below it. */
static const char *const engines_own[] = {"/proc/", "/dev/", "/sys/", "/run/",
	"/var/run/", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf"};

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
			return 1;
		if (!tree && !strcmp(point, own))
			return 1;
	}
	return 0;
}

/* "36 35 98:0 /root /point options... - type source options" */
static int check_line(char *line, struct err *e)
{
	char *rest, *point = NULL, *type = strstr(line, " - ");
	char *word = strtok_r(line, " ", &rest);

	for (int i = 0; word && i < POINT_FIELD; i++)
		word = strtok_r(NULL, " ", &rest);
	point = word;
	if (!point || !type || is_engines_own(point) ||
		!strncmp(type + 3, "tmpfs ", 6))
		return 0;
	return err_set(e, -ENOTSUP,
		"a volume is mounted at %s: this version has no volumes, the "
		"program would not see it",
		point);
}

int mounts_check(const char *mountinfo, struct err *e)
{
	_buf_ struct buf text = {0};
	char *rest, *line;
	int r = 0;

	if (file_read(mountinfo, MOUNTINFO_MAX, &text, e) < 0)
		return 0; /* no /proc: nothing is known, nothing is refused */
	buf_adds(&text, "");
	for (line = strtok_r(text.data, "\n", &rest); line && r == 0;
		line = strtok_r(NULL, "\n", &rest))
		r = check_line(line, e);
	return r;
}

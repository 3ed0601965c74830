/* SPDX-License-Identifier: Apache-2.0 */
/* Whom the program runs as, by the root's own lists of users and groups. */
#ifndef BUILD_USER_H
#define BUILD_USER_H

#include <stdint.h>

#include "manifest/app.h"

enum { USER_GROUPS_MAX = 64 };

struct user_ids {
	uint32_t uid, gid, groups[USER_GROUPS_MAX];
	size_t ngroups;
	char *home; /* NULL: nobody says it */
};

/*
 * a->user (NULL: root), as container engines look it up: names by /etc/passwd
 * and /etc/group of a->files; without a group the user's own, and all
 * those that list the user. -EINVAL: there is no such user or group.
 */
int user_find(const struct app *a, struct user_ids *out, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Loads kernel modules out of the initramfs. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init.h"

static void load(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/modules/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("open %s", path);
	/* Two groups may need the same one. */
	if (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST)
		die("load %s", path);
	close(fd);
}

void modules_load(const char *group)
{
	FILE *f = fopen("/modules/list", "re");
	char of[32], name[96];

	if (!f)
		die("open /modules/list");
	while (fscanf(f, "%31s %95s", of, name) == 2)
		if (!strcmp(of, group))
			load(name);
	fclose(f);
}

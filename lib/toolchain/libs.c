/* SPDX-License-Identifier: Apache-2.0 */
/* Where -lNAME is: in the user's folders or the sysroot, never the host's. */
#include "toolchain/libs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"

int libs_is_host_dir(const char *dir)
{
	static const char *const start[] = {
		"/usr/include", "/usr/lib", "/usr/lib64", "/lib", "/lib64"};
	_free_ char *real = realpath(dir, NULL);
	size_t i, n;

	if (!real)
		return 0;
	for (i = 0; i < sizeof(start) / sizeof(*start); i++) {
		n = strlen(start[i]);
		if (strncmp(real, start[i], n) != 0)
			continue;
		/* The folder itself, or the one of an architecture in it;
		 * of headers, any below. */
		if (!real[n] || (i == 0 && real[n] == '/') ||
			(real[n] == '/' && strstr(real, "-linux-gnu") &&
				!strchr(real + n + 1, '/')))
			return 1;
	}
	return 0;
}

static char *in_dir(const char *dir, const char *name)
{
	char *path = name[0] == ':' ? xasprintf("%s/%s", dir, name + 1)
				    : xasprintf("%s/lib%s.a", dir, name);

	if (access(path, F_OK) == 0)
		return path;
	free(path);
	return NULL;
}

char *libs_find(const struct cc_args *a, const char *sysroot, const char *name)
{
	_free_ char *own = path_join(sysroot, "lib");
	size_t i;

	for (i = 0; i < a->n; i++) {
		const struct cc_item *item = &a->items[i];
		char *path;

		if (item->kind != CC_LIBDIR || libs_is_host_dir(item->text))
			continue;
		path = in_dir(item->text, name);
		if (path)
			return path;
	}
	return in_dir(own, name);
}

int libs_is_gcc_own(const char *name)
{
	return !strcmp(name, "gcc") || !strcmp(name, "gcc_eh") ||
	       !strcmp(name, "atomic");
}

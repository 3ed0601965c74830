/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the name of a container image apart. */
#include "oci/ref.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

static const char *const kinds[] = {
	[OCI_DOCKER_ARCHIVE] = "docker-archive:",
	[OCI_LAYOUT] = "oci:",
	[OCI_ARCHIVE] = "oci-archive:",
};

int oci_ref_parse(const char *s, struct oci_ref *out)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const char *path = s + strlen(kinds[i]);
		size_t n;

		if (strncmp(s, kinds[i], strlen(kinds[i])) != 0)
			continue;
		n = strcspn(path, ":");
		if (!n || (path[n] && !path[n + 1]))
			return -EINVAL;
		*out = (struct oci_ref){.kind = (enum oci_kind)i,
			.path = xstrndup(path, n),
			.tag = path[n] ? xstrdup(path + n + 1) : NULL};
		return 0;
	}
	return -EINVAL;
}

void oci_ref_free(struct oci_ref *r)
{
	free(r->path);
	free(r->tag);
	*r = (struct oci_ref){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a build and says why it cannot. */
#include "open.h"

#include <errno.h>

#include "cmd.h"
#include "ui.h"

static int tell(int r, struct diags *diags, const struct err *e)
{
	int status = ui_diags(diags);

	diags_free(diags);
	if (r == 0)
		return EXIT_OK;
	if (e->code)
		ui_fail(e);
	/* -EINVAL: the manifest or the request; else the machine. */
	return status ? status : r == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

int open_build(struct build *b, const char *manifest, const char *target)
{
	struct diags diags = {0};
	struct err e = {0};
	int r = build_open(b, manifest, target, &diags, &e);

	return tell(r, &diags, &e);
}

int open_builds(struct build **v, size_t *n, const char *manifest,
	const struct strv *targets)
{
	struct diags diags = {0};
	struct err e = {0};
	int r = build_open_targets(v, n, manifest, targets, &diags, &e);

	return tell(r, &diags, &e);
}

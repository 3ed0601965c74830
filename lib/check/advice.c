/* SPDX-License-Identifier: Apache-2.0 */
/* Which base fits a program. */
#include "check/check.h"
#include "core/mem.h"

#define KEEL  "x86_64-keel"
#define LINUX "x86_64-linux"

/* ", and 3 more reasons", or nothing; caller frees. */
static char *more(const struct findings *f)
{
	size_t n = f->reasons.n - 1;

	return n ? xasprintf(" (and %zu more reason%s)", n, n > 1 ? "s" : "")
		 : xstrdup("");
}

void check_advise(struct findings *f)
{
	_free_ char *others = NULL;

	if (f->hopeless)
		return;
	if (!f->reasons.n) {
		findings_add(
			f, FINDING_NOTE, "base", KEEL, "nothing", "keel fits");
		return;
	}
	others = more(f);
	findings_add(f, FINDING_NOTE, "base", LINUX,
		"write \"target\": \"" LINUX
		"\" in the manifest (what is not compiled, as \"program\" "
		"and \"binaries\"), or --accept what is never used",
		"use " LINUX ", because %s%s", f->reasons.v[0], others);
}

int check_advise_other(const char *program, struct findings *f, struct err *e)
{
	_findings_ struct findings on_keel = {.accepted = f->accepted};
	_free_ char *others = NULL;
	int r = check_program(program, &on_keel, e);

	if (r < 0 || on_keel.hopeless)
		return r;
	if (!on_keel.reasons.n) {
		findings_add(f, FINDING_NOTE, "base", KEEL,
			"write \"target\": \"" KEEL "\" in the manifest",
			"keel would fit, which is smaller and starts faster");
		return 0;
	}
	others = more(&on_keel);
	findings_add(f, FINDING_NOTE, "base", LINUX, "nothing",
		LINUX " fits; keel would not, because %s%s",
		on_keel.reasons.v[0], others);
	return 0;
}

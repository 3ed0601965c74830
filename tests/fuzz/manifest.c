/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a manifest: either a struct, or reasons with positions. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "manifest/app.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned count_lines(const uint8_t *data, size_t size)
{
	unsigned n = 1;
	size_t i;

	for (i = 0; i < size; i++)
		n += data[i] == '\n';
	return n;
}

/* A struct exactly when there is no error; positions inside the text. */
static void check(int got, struct diags *diags, unsigned lines, size_t size)
{
	size_t i;

	if (got != !diags->nerrors)
		abort();
	for (i = 0; i < diags->n; i++) {
		char *text = diag_text(&diags->v[i]);

		if (diags->v[i].line > lines || diags->v[i].col > size + 1)
			abort();
		free(text);
	}
	diags_free(diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned lines = count_lines(data, size);
	struct diags diags = {0};
	struct target *t;
	struct app *a;

	a = app_parse(
		"tests/cli/manifest/x.json", (const char *)data, size, &diags);
	check(a != NULL, &diags, lines, size);
	app_free(a);
	t = target_parse(
		"targets/x86_64-keel.json", (const char *)data, size, &diags);
	check(t != NULL, &diags, lines, size);
	target_free(t);
	return 0;
}

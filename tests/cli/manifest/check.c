/* SPDX-License-Identifier: Apache-2.0 */
/* Reads manifests and prints what is wrong with them, as slipway does. */
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"
#include "manifest/app.h"

/* usage: manifest-check [--target] FILE... ; exit 2 when one is wrong. */
int main(int argc, char **argv)
{
	int is_target = argc > 1 && !strcmp(argv[1], "--target");
	int i, status = 0;
	size_t j;

	for (i = 1 + is_target; i < argc; i++) {
		struct diags diags = {0};
		_buf_ struct buf text = {0};
		struct err e;

		if (!is_target) {
			app_free(app_read(argv[i], &diags));
		} else if (file_read(argv[i], 8 << 20, &text, &e) == 0) {
			target_free(target_parse(argv[i],
				text.data ? text.data : "", text.len, &diags));
		} else {
			fprintf(stderr, "%s\n", e.msg);
			return 1;
		}
		for (j = 0; j < diags.n; j++) {
			_free_ char *line = diag_text(&diags.v[j]);

			printf("%s\n", line);
		}
		if (diags.nerrors > diags.n)
			printf("%zu more\n", diags.nerrors - diags.n);
		if (diags.nerrors)
			status = 2;
		diags_free(&diags);
	}
	return status;
}

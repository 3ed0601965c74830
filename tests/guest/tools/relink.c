/* SPDX-License-Identifier: Apache-2.0 */
/* relink PROGRAM KERNEL [SYMBOLS]: the link onto the base, for tests. */
#include <stdio.h>
#include <stdlib.h>

#include "core/file.h"
#include "core/mem.h"
#include "manifest/target.h"
#include "toolchain/relink.h"

int main(int argc, char **argv)
{
	struct relink_opts o = {.output = argc > 2 ? argv[2] : NULL,
		.symbols = argc > 3 ? argv[3] : NULL,
		.map = getenv("MAP"),
		.explain = getenv("EXPLAIN")};
	_free_ char *data = NULL, *sysroot = NULL;
	struct relink_report r = {0};
	_strv_ struct strv lines = {0};
	struct diags diags = {0};
	struct target *t;
	struct err e;
	size_t i;
	int status;

	if (argc < 3) {
		fputs("usage: relink PROGRAM KERNEL [SYMBOLS]\n", stderr);
		return 2;
	}
	data = file_data_dir(&e);
	t = data ? target_read(data, "x86_64-keel", &diags) : NULL;
	if (!t) {
		fputs("relink: no target\n", stderr);
		return 1;
	}
	sysroot = xasprintf("%s/sysroot/%s", data, t->name);
	status = relink(argv[1], t, sysroot, &o, &r, &e) < 0;
	if (status)
		fprintf(stderr, "relink: %s\n", e.msg);
	for (i = 0; i < r.nabsent; i++)
		printf("absent %s %s %s\n", r.absent[i].name,
			r.absent[i].object, r.absent[i].symbol);
	relink_warnings(&r, "x86_64-keel", &lines);
	for (i = 0; i < lines.n; i++)
		printf("warning: %s\n", lines.v[i]);
	if (!status)
		printf("size %llu text %llu rodata %llu data %llu bss %llu\n",
			(unsigned long long)r.size, (unsigned long long)r.text,
			(unsigned long long)r.rodata,
			(unsigned long long)r.data, (unsigned long long)r.bss);
	relink_report_free(&r);
	target_free(t);
	return status;
}

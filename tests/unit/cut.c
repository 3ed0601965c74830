/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are cut at every byte, in the hands of all that reads them: with
 * the sanitizers, so that a look behind the end is seen. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"
#include "disk/erofs.h"
#include "disk/pvh.h"
#include "inspect/inspect.h"
#include "toolchain/elf.h"

static int ignore(const struct erofs_file *f, void *arg, struct err *e)
{
	(void)f;
	(void)arg;
	(void)e;
	return 0;
}

/* What was cut is refused with words, or read as far as it goes. */
static int read_part(const unsigned char *whole, size_t n)
{
	const unsigned all = INSPECT_FILES | INSPECT_SIZE | INSPECT_DIGESTS;
	_free_ unsigned char *p = xmalloc(n ? n : 1);
	struct err e = {0};
	struct pvh_info pvh;
	struct elf f = {0};
	json_t *o;

	memcpy(p, whole, n);
	if (pvh_parse(p, n, &pvh, &e) < 0 && !*e.msg)
		return -1;
	e = (struct err){0};
	if (elf_init(&f, p, n, "cut", &e) < 0 && !*e.msg)
		return -1;
	erofs_walk(p, n, ignore, NULL, &e);
	e = (struct err){0};
	o = inspect_bytes("cut", p, n, all, &e);
	if (!o && !*e.msg)
		return -1;
	json_decref(o);
	return 0;
}

int main(int argc, char **argv)
{
	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++) {
		_buf_ struct buf whole = {0};
		struct err e;
		size_t n;

		if (file_read(argv[i], 1 << 20, &whole, &e) < 0) {
			printf("Bail out! %s\n", e.msg);
			return 1;
		}
		for (n = 0; n <= whole.len; n++)
			if (read_part((const void *)whole.data, n) < 0)
				break;
		printf("%sok %d - %s cut at each of %zu bytes\n",
			n > whole.len ? "" : "not ", i, path_base(argv[i]),
			whole.len);
		if (n <= whole.len)
			printf("# no reason is given at %zu\n", n);
	}
	return 0;
}

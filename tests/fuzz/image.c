/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzer of what reads images: slipway inspect, and run's unpacking. */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mem.h"
#include "inspect/inspect.h"
#include "unpack.h"

enum { BLOCK = 512, MAGIC = 257, SUM = 148 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Checksums of headers made right, or nothing behind them would be reached;
 * those of a layer stand at blocks, too. */
static void seal(uint8_t *p, size_t size)
{
	for (size_t at = 0; at + BLOCK <= size; at += BLOCK) {
		unsigned sum = 0;
		char text[8];

		if (memcmp(p + at + MAGIC, "ustar", 5) != 0)
			continue;
		memset(p + at + SUM, ' ', 8);
		for (size_t i = 0; i < BLOCK; i++)
			sum += p[at + i];
		snprintf(text, sizeof(text), "%06o", sum);
		memcpy(p + at + SUM, text, 7);
	}
}

/* A folder with one folder in it: what leads out of that is seen. */
static const char *work_dir(void)
{
	static char *dir;
	struct err e;

	if (!dir)
		dir = file_temp_dir("slipway-fuzz", &e);
	if (!dir)
		abort();
	return dir;
}

static unsigned entries(const char *path)
{
	DIR *d = opendir(path);
	unsigned n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

static void try_unpack(const char *path)
{
	const char *top = work_dir();
	_free_ char *dir = path_join(top, "in");
	struct err e;

	if (file_mkdirs(dir, &e) < 0)
		abort();
	unpack_image(path, dir, &e);
	if (entries(top) != 3 || file_remove_tree(dir, &e) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("image", MFD_CLOEXEC);
	_free_ uint8_t *p = xmalloc(size + 1);
	_free_ char *path = xasprintf("/proc/self/fd/%d", fd);
	json_t *o;
	struct err e;

	if (size)
		memcpy(p, data, size);
	seal(p, size);
	if (fd < 0 || file_write_all(fd, p, size, &e) < 0)
		abort();
	o = inspect_image(path, 0, INSPECT_FILES | INSPECT_DIGESTS, &e);
	if (o) {
		free(json_dumps(o, JSON_COMPACT));
		json_decref(o);
	}
	try_unpack(path);
	close(fd);
	return 0;
}

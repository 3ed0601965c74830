/* SPDX-License-Identifier: Apache-2.0 */
/* Writes an image of one file, as a disk, with the library as it is: for the
 * memory and time that 8 GiB of holes take. */
#include <stdio.h>
#include <string.h>

#include "image/compress.h"
#include "image/image.h"

/* holes FILE OUT gzip|zstd THREADS */
int main(int argc, char **argv)
{
	_layer_ struct image_layer layer = {.comment = "disk"};
	struct image_layer *layers[] = {&layer};
	struct image_spec s = {.oci_arch = "amd64",
		.level = COMPRESS_DEFAULT,
		.layers = layers,
		.nlayers = 1};
	struct err e = {0};

	if (argc != 5)
		return 2;
	s.compression = strcmp(argv[3], "zstd") ? IMAGE_GZIP : IMAGE_ZSTD;
	s.threads = argv[4][0] == '2' ? 2 : 1;
	strv_add(&s.tags, "holes:latest");
	strv_add(&s.entrypoint, "/none");
	image_add_file(&layer, "disk/disk.img", argv[1], 0444, 107, 107);
	if (image_write_tar(&s, argv[2], NULL, &e) == 0)
		return 0;
	fprintf(stderr, "holes: %s\n", e.msg);
	return 1;
}

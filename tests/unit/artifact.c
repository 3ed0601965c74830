/* SPDX-License-Identifier: Apache-2.0 */
/* Makes disks, file systems and images for tests, by way of the library. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/mem.h"
#include "disk/convert.h"
#include "disk/disk.h"
#include "disk/rootfs.h"
#include "image/image.h"

/* Names that do not fit a plain tar header. */
#define LONG                                                                \
	"long-long-long-long-long-long-long-long-long-long-long-long-long-" \
	"long-long-long-long-long-long-long-long-long-long-long-long-name"

static uint64_t epoch(void)
{
	const char *s = getenv("SOURCE_DATE_EPOCH");

	return s ? strtoull(s, NULL, 10) : 0;
}

/* disk BOOT_DIR KERNEL OUT [small|fat32|none [ROOTFS]] */
static int make_disk(int n, char **arg, struct err *e)
{
	struct disk_spec s = {.boot_dir = arg[0],
		.kernel = arg[1],
		.rootfs = n > 4 ? arg[4] : NULL,
		.epoch = epoch()};
	struct disk_info info;

	if (n > 3 && strcmp(arg[3], "fat32") == 0)
		s.esp = DISK_ESP_FAT32;
	if (n > 3 && strcmp(arg[3], "none") == 0)
		s.esp = DISK_ESP_NONE;
	if (disk_write(&s, arg[2], &info, e) < 0)
		return -1;
	printf("size %llu allocated %llu\n", (unsigned long long)info.size,
		(unsigned long long)info.allocated);
	for (size_t i = 0; i < info.nparts; i++)
		printf("part %s %llu %llu\n", info.part[i].name,
			(unsigned long long)info.part[i].first_lba,
			(unsigned long long)info.part[i].last_lba);
	return 0;
}

static unsigned next_number(char **save)
{
	const char *s = strtok_r(NULL, ":", save);

	return s ? (unsigned)strtoul(s, NULL, 10) : 0;
}

/* rootfs OUT [FROM:TO:MODE:UID:GID | TARGET@TO]... (mode - or octal) */
static int make_rootfs(int n, char **arg, struct err *e)
{
	struct app_file *f = xcalloc((size_t)n, sizeof(*f));
	int r;

	for (int i = 1; i < n; i++) {
		struct app_file *at = &f[i - 1];
		char *save, *mode, *link = strchr(arg[i], '@');

		if (link) {
			*link = 0;
			at->link = arg[i];
			at->to = link + 1;
			continue;
		}
		at->from = strtok_r(arg[i], ":", &save);
		if (strcmp(at->from, "-") == 0) {
			at->from = NULL;
			at->dir = 1;
		}
		at->to = strtok_r(NULL, ":", &save);
		mode = strtok_r(NULL, ":", &save);
		at->mode = *mode == '-' ? -1 : (int)strtol(mode, NULL, 8);
		at->uid = next_number(&save);
		at->gid = next_number(&save);
	}
	r = rootfs_write(f, (size_t)n - 1, epoch(), arg[0], e);
	free(f);
	return r;
}

/* image tar|plain|zstd|oci|rootfs|two-tar|two-oci OUT TAG [FILE=PATH]...
 * two-: with the image of another machine beside it. */
static int make_image(int n, char **arg, struct err *e)
{
	_layer_ struct image_layer low = {.comment = "one", .keep = 1};
	_layer_ struct image_layer high = {.comment = "two"};
	struct image_layer *layers[] = {&low, &high, &low};
	struct image_spec s = {.oci_arch = "amd64",
		.level = COMPRESS_DEFAULT,
		.workdir = "/work",
		.stop_signal = "SIGINT",
		.user = "65534:65534",
		.epoch = epoch(),
		.layers = layers,
		.nlayers = 2};
	struct image_info info = {0};
	struct image_spec other;
	int r;

	strv_add(&s.tags, arg[2]);
	strv_add(&s.entrypoint, "/launcher");
	strv_add(&s.cmd, "<&> \"quoted\" back\\slash \xc3\xa9 \xe2\x80\xa8");
	strv_add(&s.cmd, "tab\tnewline\n\x01\x7f");
	strv_add(&s.cmd, "");
	strv_add(&s.env, "PATH=/bin");
	strv_add(&s.env, "A=<b>&c");
	strv_add(&s.ports, "8080/tcp");
	strv_add(&s.ports, "53/udp");
	strv_add(&s.volumes, "/data");
	strv_add(&s.labels, "z=last");
	strv_add(&s.labels, "org.opencontainers.image.title=<title>");
	image_add_data(&low, "etc/os-release", "NAME=none\n", 10, 0644, 0, 0);
	image_add_dir(&low, "tmp", 01777, 0, 0);
	image_add_link(&low, "lib", "usr/lib");
	image_add_data(&low, "usr/share/caf\xc3\xa9/" LONG "/" LONG, "x", 1,
		0644, 0, 0);
	image_add_link(&low, "usr/share/link", LONG LONG);
	image_add_data(&low, "usr/lib/x", "", 0, 0644, 1, 2);
	for (int i = 3; i < n; i++) {
		char *to = strchr(arg[i], '=');

		*to++ = 0;
		if (strncmp(to, "low/", 4) == 0)
			image_add_file(&low, to, arg[i], 0644, 0, 0);
		else if (strcmp(to, "disk/disk.img") == 0)
			image_add_file(&high, to, arg[i], 0444, 107, 107);
		else
			image_add_file(&high, to, arg[i], 0755, 0, 0);
	}
	if (strcmp(arg[0], "plain") == 0)
		s.compression = IMAGE_PLAIN;
	if (strcmp(arg[0], "zstd") == 0)
		s.compression = IMAGE_ZSTD;
	if (strncmp(arg[0], "two-", 4) == 0) {
		other = s;
		other.target = "other";
		other.oci_arch = "arm64";
		other.oci_variant = "v8";
		other.nlayers = 1;
		s.target = "one";
		s.next = &other;
		arg[0] += 4;
	}
	if (strcmp(arg[0], "rootfs") == 0)
		r = image_write_rootfs(&s, arg[1], e);
	else if (strcmp(arg[0], "oci") == 0)
		r = image_write_layout(&s, arg[1], &info, e);
	else
		r = image_write_tar(&s, arg[1], &info, e);
	if (r == 0 && strcmp(arg[0], "rootfs") != 0)
		printf("config %s\nmanifest %s\nsize %llu\n", info.config.s,
			info.manifest.s, (unsigned long long)info.size);
	strv_free(&s.tags);
	strv_free(&s.entrypoint);
	strv_free(&s.cmd);
	strv_free(&s.env);
	strv_free(&s.ports);
	strv_free(&s.volumes);
	strv_free(&s.labels);
	return r;
}

int main(int argc, char **argv)
{
	struct err e = {0};
	int r;

	file_catch_signals();
	if (argc > 4 && strcmp(argv[1], "disk") == 0) {
		r = make_disk(argc - 2, argv + 2, &e);
	} else if (argc > 2 && strcmp(argv[1], "rootfs") == 0) {
		r = make_rootfs(argc - 2, argv + 2, &e);
	} else if (argc > 4 && strcmp(argv[1], "image") == 0) {
		r = make_image(argc - 2, argv + 2, &e);
	} else if (argc == 5 && strcmp(argv[1], "convert") == 0) {
		r = disk_convert(argv[2], argv[3], 0, argv[4], &e);
	} else {
		fputs("artifact: see the source\n", stderr);
		return 2;
	}
	if (r < 0)
		fprintf(stderr, "artifact: %s\n", e.msg);
	return r < 0;
}

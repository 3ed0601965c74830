/* SPDX-License-Identifier: Apache-2.0 */
/* slipway inspect: shows what is in an image, disk, kernel or program. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "core/digest.h"
#include "core/mem.h"
#include "inspect/inspect.h"
#include "opt.h"
#include "ui.h"

enum { KEY_JSON = 256, KEY_SIZE, KEY_FILES, KEY_SBOM };

static const struct opt table[] = {
	{KEY_JSON, "json", NULL, "everything, for machines"},
	{KEY_SIZE, "size", NULL, "where the bytes of a kernel or program go"},
	{KEY_FILES, "files", NULL, "the files of an image or root filesystem"},
	{KEY_SBOM, "sbom", NULL, "the list of what it was made from"},
	{0},
};

static const struct opts opts = {
	.usage = "slipway inspect [OPTION]... FILE [OTHER]",
	.about = "Shows what is in FILE: an image (a tar, or the folder of an "
		 "OCI layout), a raw disk,\na kernel, a program made by the "
		 "compiler wrappers, or an EROFS root filesystem.\nWith OTHER: "
		 "what differs between the two; status 1 if anything does.",
	.table = table,
};

/* --- values as text ------------------------------------------------------- */

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static uint64_t number_of(const json_t *o, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(o, key));
}

/* "1.9 MiB"; four are enough on one line. */
static const char *size_text(uint64_t n)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
	static char ring[4][32];
	static unsigned next;
	char *out = ring[next++ % 4];
	double v = (double)n / 1024;
	unsigned u = 0;

	while (v >= 1024 && u < 3) {
		v /= 1024;
		u++;
	}
	if (n < 1024)
		snprintf(out, sizeof(ring[0]), "%" PRIu64 " B", n);
	else
		snprintf(out, sizeof(ring[0]), "%.1f %s", v, units[u]);
	return out;
}

/* Control characters of a file must not reach the terminal. */
static void put_safe(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			printf("\\x%02x", (unsigned char)*s);
		else
			putchar(*s);
	}
}

static void put_row(const char *label, const char *text)
{
	if (!*text)
		return;
	printf("%-12s ", label);
	put_safe(text);
	putchar('\n');
}

/* A list on one line, or one line for each member. */
static void put_value(const char *label, const json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);
	_free_ char *text = NULL;

	if (!v || (json_is_array(v) && json_array_size(v) == 0))
		return;
	if (json_is_string(v)) {
		put_row(label, json_string_value(v));
		return;
	}
	text = json_dumps(v, JSON_ENCODE_ANY);
	put_row(label, text ? text : "");
}

/* --- the kinds --------------------------------------------------------------
 */

static void put_files(const json_t *files)
{
	size_t i;
	json_t *f;

	json_array_foreach(files, i, f)
	{
		_free_ char *owner = xasprintf("%" PRIu64 ":%" PRIu64,
			number_of(f, "uid"), number_of(f, "gid"));
		const char *link = text_of(f, "link");

		printf("  %c %s %9s %10" PRIu64 "  ", text_of(f, "type")[0],
			text_of(f, "mode"), owner, number_of(f, "size"));
		put_safe(text_of(f, "path"));
		if (*link) {
			printf(" -> ");
			put_safe(link);
		}
		putchar('\n');
	}
}

static void put_image(const json_t *o)
{
	static const char *const rows[] = {"tags", "config", "manifest",
		"created", "entrypoint", "args", "env", "workdir", "user",
		"ports", "volumes", "stop_signal", "labels", "healthcheck",
		"machine"};
	_free_ char *platform = xasprintf(
		"%s/%s", text_of(o, "os"), text_of(o, "architecture"));
	json_t *layers = json_object_get(o, "layers"), *l;
	uint64_t size = number_of(o, "size");
	size_t i;

	printf("%-12s %s%s%s\n", "image", text_of(o, "format"),
		size ? ", " : "", size ? size_text(size) : "");
	if (json_object_get(o, "others"))
		printf("%-12s the first of %" PRIu64 " images\n", "",
			number_of(o, "others") + 1);
	put_row("platform", platform);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put_value(rows[i], o, rows[i]);
	json_array_foreach(layers, i, l)
	{
		printf("layer %-6zu %s, %s in %" PRIu64 " entries", i + 1,
			size_text(number_of(l, "size")),
			size_text(number_of(l, "content")),
			number_of(l, "entries"));
		if (*text_of(l, "comment")) {
			printf(": ");
			put_safe(text_of(l, "comment"));
		}
		printf("\n             ");
		put_safe(text_of(l, "diff_id"));
		putchar('\n');
		put_files(json_object_get(l, "files"));
	}
}

static void put_rootfs(const json_t *o)
{
	printf("%-12s %s, %s in %" PRIu64 " entries, %s\n", "rootfs",
		text_of(o, "format"), size_text(number_of(o, "size")),
		number_of(o, "entries"), text_of(o, "uuid"));
	put_files(json_object_get(o, "files"));
}

static void put_disk(const json_t *o)
{
	json_t *parts = json_object_get(o, "partitions"), *p;
	json_t *kernel = json_object_get(o, "kernel");
	json_t *rootfs = json_object_get(o, "rootfs");
	size_t i;

	printf("%-12s %s, %s, of which %s allocated\n", "disk",
		text_of(o, "format"), size_text(number_of(o, "size")),
		size_text(number_of(o, "allocated")));
	put_row("guid", text_of(o, "guid"));
	json_array_foreach(parts, i, p)
	{
		printf("partition %-2zu %-10s %9" PRIu64 "..%-9" PRIu64
		       " %10s  ",
			i + 1, text_of(p, "kind"), number_of(p, "first_lba"),
			number_of(p, "last_lba"),
			size_text(number_of(p, "size")));
		put_safe(text_of(p, "guid"));
		putchar('\n');
	}
	if (kernel) {
		printf("%-12s %s at sector %" PRIu64 ", entry %s\n", "kernel",
			size_text(number_of(kernel, "size")),
			number_of(kernel, "lba"), text_of(kernel, "pvh_entry"));
		printf("%-12s %s\n", "", text_of(kernel, "digest"));
	}
	if (rootfs)
		put_rootfs(rootfs);
}

static void put_sizes(const json_t *o)
{
	json_t *list, *s;
	size_t i;

	list = json_object_get(o, "sections");
	json_array_foreach(list, i, s)
	{
		printf("section      %10" PRIu64 "  ", number_of(s, "size"));
		put_safe(text_of(s, "name"));
		printf("%s%s\n",
			json_is_true(json_object_get(s, "loaded"))
				? ""
				: " (not loaded)",
			json_is_true(json_object_get(s, "in_file"))
				? ""
				: " (not in the file)");
	}
	list = json_object_get(o, "largest");
	json_array_foreach(list, i, s)
	{
		printf("symbol       %10" PRIu64 "  ", number_of(s, "size"));
		put_safe(text_of(s, "name"));
		putchar('\n');
	}
}

static void put_elf(const json_t *o)
{
	static const char *const rows[] = {"architecture", "pvh_entry",
		"target", "linked_in", "link_args"};
	json_t *segments = json_object_get(o, "segments"), *s;
	json_t *inputs = json_object_get(o, "link_inputs");
	size_t i;

	printf("%-12s %s, %s in memory\n", text_of(o, "type"),
		size_text(number_of(o, "size")),
		size_text(number_of(o, "memory")));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put_value(rows[i], o, rows[i]);
	json_array_foreach(segments, i, s) printf(
		"segment %-4zu %s  pa %-10s va %-12s %10s, %s in memory\n",
		i + 1, text_of(s, "prot"), text_of(s, "pa"), text_of(s, "va"),
		size_text(number_of(s, "file_size")),
		size_text(number_of(s, "memory_size")));
	json_array_foreach(inputs, i, s)
	{
		printf("input        %10" PRIu64 "  ", number_of(s, "size"));
		put_safe(text_of(s, "path"));
		putchar('\n');
	}
	put_sizes(o);
}

static void put_text(const json_t *o)
{
	const char *type = text_of(o, "type");

	if (strcmp(type, "image") == 0)
		put_image(o);
	else if (strcmp(type, "disk") == 0)
		put_disk(o);
	else if (strcmp(type, "rootfs") == 0)
		put_rootfs(o);
	else
		put_elf(o);
}

/* What was asked for and this kind of file does not have. */
static int check_asked(const json_t *o, const char *path, unsigned flags)
{
	const char *type = text_of(o, "type");
	int is_elf = !strcmp(type, "kernel") || !strcmp(type, "program");

	if (flags & INSPECT_SIZE && !is_elf) {
		ui_error("%s: --size is for kernels and programs, this is "
			 "a%s %s",
			path, strchr("aeiou", type[0]) ? "n" : "", type);
		return EXIT_FAILED;
	}
	if (flags & INSPECT_FILES &&
		(is_elf || (!strcmp(type, "disk") &&
				   !json_object_get(o, "rootfs")))) {
		ui_error("%s: there are no files in this %s", path, type);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

static int flushed(int status)
{
	if (fflush(stdout) || ferror(stdout)) {
		ui_error("write: %m");
		return EXIT_FAILED;
	}
	return status;
}

static int inspect(const char *path, unsigned flags, int json)
{
	struct err e = {0};
	json_t *o = inspect_file(path, flags, &e);
	int status;

	if (!o)
		return ui_fail(&e);
	status = check_asked(o, path, flags);
	if (status == EXIT_OK && json) {
		json_dumpf(o, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (status == EXIT_OK) {
		put_text(o);
	}
	json_decref(o);
	return flushed(status);
}

static void put_side(char side, const json_t *v)
{
	_free_ char *text = NULL;

	if (!v)
		return;
	text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
	printf("  %c ", side);
	put_safe(text ? text : "");
	putchar('\n');
}

static void put_differences(const json_t *list)
{
	size_t i;
	json_t *d;

	json_array_foreach(list, i, d)
	{
		put_safe(text_of(d, "where"));
		putchar('\n');
		put_side('-', json_object_get(d, "a"));
		put_side('+', json_object_get(d, "b"));
	}
}

/* Where the descriptions are the same and the bytes are not. */
static int compare_bytes(json_t *list, const char *a, const char *b)
{
	struct digest_hex in_a, in_b;
	struct stat st;
	struct err e = {0};

	if (json_array_size(list) || (stat(a, &st) == 0 && S_ISDIR(st.st_mode)))
		return EXIT_OK;
	if (digest_file(a, &in_a, &e) < 0 || digest_file(b, &in_b, &e) < 0)
		return ui_fail(&e);
	if (strcmp(in_a.s, in_b.s) != 0)
		json_array_append_new(list,
			json_pack("{ss, ss, ss}", "where", "bytes of the file",
				"a", in_a.s, "b", in_b.s));
	return EXIT_OK;
}

static int compare(const char *a, const char *b, int json)
{
	struct err e = {0};
	json_t *in_a = inspect_file(a, INSPECT_DIGESTS, &e);
	json_t *in_b = in_a ? inspect_file(b, INSPECT_DIGESTS, &e) : NULL;
	json_t *list = NULL;
	int status = EXIT_FAILED;

	if (in_b) {
		list = inspect_compare(in_a, in_b);
		status = compare_bytes(list, a, b);
	} else {
		ui_fail(&e);
	}
	if (status == EXIT_OK && json) {
		json_dumpf(list, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (status == EXIT_OK) {
		put_differences(list);
	}
	if (status == EXIT_OK && json_array_size(list))
		status = EXIT_FAILED;
	json_decref(list);
	json_decref(in_a);
	json_decref(in_b);
	return flushed(status);
}

int cmd_inspect(int argc, char **argv)
{
	unsigned flags = 0;
	int key, json = 0, sbom = 0;

	while ((key = opt_next(&opts, argc, argv)) != OPT_END) {
		switch (key) {
		case KEY_JSON:
			json = 1;
			break;
		case KEY_SIZE:
			flags |= INSPECT_SIZE;
			break;
		case KEY_FILES:
			flags |= INSPECT_FILES;
			break;
		case KEY_SBOM:
			sbom = 1;
			break;
		default:
			return opt_status(key);
		}
	}
	if (optind == argc)
		return opt_error(&opts, "no file given");
	if (argc - optind > 2)
		return opt_error(
			&opts, "more than two files: %s", argv[optind + 2]);
	if (argc - optind == 2 && (flags || sbom))
		return opt_error(&opts,
			"two files are compared as a whole: no --size, "
			"--files, --sbom");
	if (argc - optind == 2)
		return compare(argv[optind], argv[optind + 1], json);
	if (sbom) {
		ui_error("%s: there is no SBOM in it; this version of Slipway "
			 "does not write one",
			argv[optind]);
		return EXIT_FAILED;
	}
	return inspect(argv[optind], flags, json);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* slipway inspect: shows what is in an image, disk, kernel or program. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "core/mem.h"
#include "differ.h"
#include "inspect/explain.h"
#include "inspect/inspect.h"
#include "opt.h"
#include "show.h"
#include "ui.h"

enum {
	KEY_JSON = 256,
	KEY_SIZE,
	KEY_FILES,
	KEY_SBOM,
	KEY_PROVENANCE,
	KEY_WHY,
	KEY_CALLS
};
enum { COMPONENTS_MAX = 40 };

static const struct opt table[] = {
	{KEY_JSON, "json", NULL, "everything, for machines"},
	{KEY_SIZE, "size", NULL, "whose each byte of it is"},
	{KEY_FILES, "files", NULL, "the files of an image or root filesystem"},
	{KEY_WHY, "why", "NAME",
		"what leads to a symbol, system call or object"},
	{KEY_CALLS, "syscalls", NULL,
		"the system calls that the program can make"},
	{KEY_SBOM, "sbom", NULL, "what an image was made from (SPDX)"},
	{KEY_PROVENANCE, "provenance", NULL,
		"how an image was built (in-toto, SLSA)"},
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

/* A list on one line, or one line for each member. */
static void put_value(const char *label, const json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);
	_free_ char *text = NULL;

	if (!v || (json_is_array(v) && json_array_size(v) == 0))
		return;
	if (json_is_string(v)) {
		show_row(label, json_string_value(v));
		return;
	}
	text = json_dumps(v, JSON_ENCODE_ANY);
	show_row(label, text ? text : "");
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
			show_number(f, "uid"), show_number(f, "gid"));
		const char *link = show_text(f, "link");
		const char *origin = show_text(f, "origin");

		printf("  %c %s %9s %10" PRIu64 "  ", show_text(f, "type")[0],
			show_text(f, "mode"), owner, show_number(f, "size"));
		show_safe(show_text(f, "path"));
		if (*link) {
			printf(" -> ");
			show_safe(link);
		}
		if (*origin) {
			printf("  (");
			show_safe(origin);
			putchar(')');
		}
		putchar('\n');
	}
}

/* Those of an index; what follows is the first. */
static void put_images(const json_t *list)
{
	size_t i;
	json_t *one;

	json_array_foreach(list, i, one)
	{
		const char *variant = show_text(one, "variant");
		_free_ char *text = xasprintf("%s/%s%s%s  %s  %s",
			show_text(one, "os"), show_text(one, "architecture"),
			*variant ? "/" : "", variant, show_text(one, "name"),
			show_text(one, "manifest"));

		show_row(i ? "" : "images", text);
	}
}

/* What is in the disk of an image, and why. */
static void put_reasons(const json_t *list)
{
	size_t i;
	json_t *f;

	if (json_array_size(list))
		printf("%-12s %zu entries\n", "rootfs", json_array_size(list));
	json_array_foreach(list, i, f)
	{
		printf("  ");
		show_safe(show_text(f, "path"));
		printf("  (");
		show_safe(show_text(f, "reason"));
		printf(")\n");
	}
}

static void put_image(const json_t *o)
{
	static const char *const rows[] = {"tags", "config", "manifest",
		"created", "entrypoint", "args", "env", "workdir", "user",
		"ports", "volumes", "stop_signal", "labels", "healthcheck",
		"target", "base", "boot", "machine", "documents", "referrers"};
	_free_ char *platform = xasprintf(
		"%s/%s", show_text(o, "os"), show_text(o, "architecture"));
	json_t *layers = json_object_get(o, "layers"), *l;
	uint64_t size = show_number(o, "size");
	size_t i;

	printf("%-12s %s%s%s\n", "image", show_text(o, "format"),
		size ? ", " : "", size ? show_size(size) : "");
	if (json_object_get(o, "others"))
		printf("%-12s the first of %" PRIu64 " images\n", "",
			show_number(o, "others") + 1);
	put_images(json_object_get(o, "images"));
	if (*show_text(o, "architecture"))
		show_row("platform", platform);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put_value(rows[i], o, rows[i]);
	json_array_foreach(layers, i, l)
	{
		printf("layer %-6zu %s, %s in %" PRIu64 " entries", i + 1,
			show_size(show_number(l, "size")),
			show_size(show_number(l, "content")),
			show_number(l, "entries"));
		if (*show_text(l, "comment")) {
			printf(": ");
			show_safe(show_text(l, "comment"));
		}
		printf("\n             ");
		show_safe(show_text(l, "diff_id"));
		putchar('\n');
		put_files(json_object_get(l, "files"));
	}
	put_files(json_object_get(o, "files"));
	put_reasons(json_object_get(o, "rootfs"));
}

static void put_rootfs(const json_t *o)
{
	printf("%-12s %s, %s in %" PRIu64 " entries, %s\n", "rootfs",
		show_text(o, "format"), show_size(show_number(o, "size")),
		show_number(o, "entries"), show_text(o, "uuid"));
	put_files(json_object_get(o, "files"));
}

static void put_disk(const json_t *o)
{
	json_t *parts = json_object_get(o, "partitions"), *p;
	json_t *kernel = json_object_get(o, "kernel");
	json_t *rootfs = json_object_get(o, "rootfs");
	size_t i;

	printf("%-12s %s, %s, of which %s allocated\n", "disk",
		show_text(o, "format"), show_size(show_number(o, "size")),
		show_size(show_number(o, "allocated")));
	show_row("guid", show_text(o, "guid"));
	put_value("boot", o, "boot");
	json_array_foreach(parts, i, p)
	{
		printf("partition %-2zu %-10s %9" PRIu64 "..%-9" PRIu64
		       " %10s  ",
			i + 1, show_text(p, "kind"),
			show_number(p, "first_lba"), show_number(p, "last_lba"),
			show_size(show_number(p, "size")));
		show_safe(show_text(p, "guid"));
		putchar('\n');
	}
	if (kernel) {
		printf("%-12s %s at sector %" PRIu64 ", entry %s\n", "kernel",
			show_size(show_number(kernel, "size")),
			show_number(kernel, "lba"),
			show_text(kernel, "pvh_entry"));
		printf("%-12s %s\n", "", show_text(kernel, "digest"));
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
		printf("section      %10" PRIu64 "  ", show_number(s, "size"));
		show_safe(show_text(s, "name"));
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
		printf("symbol       %10" PRIu64 "  ", show_number(s, "size"));
		show_safe(show_text(s, "name"));
		putchar('\n');
	}
}

static void put_elf(const json_t *o)
{
	static const char *const rows[] = {"architecture", "boot", "pvh_entry",
		"target", "linked_in", "link_args"};
	json_t *segments = json_object_get(o, "segments"), *s;
	json_t *inputs = json_object_get(o, "link_inputs");
	size_t i;

	printf("%-12s %s, %s in memory\n", show_text(o, "type"),
		show_size(show_number(o, "size")),
		show_size(show_number(o, "memory")));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put_value(rows[i], o, rows[i]);
	json_array_foreach(segments, i, s) printf(
		"segment %-4zu %s  pa %-10s va %-12s %10s, %s in memory\n",
		i + 1, show_text(s, "prot"), show_text(s, "pa"),
		show_text(s, "va"), show_size(show_number(s, "file_size")),
		show_size(show_number(s, "memory_size")));
	json_array_foreach(inputs, i, s)
	{
		printf("input        %10" PRIu64 "  ", show_number(s, "size"));
		show_safe(show_text(s, "path"));
		putchar('\n');
	}
	put_sizes(o);
}

/* Whose the bytes are, of the file and of what boots from it. */
static void put_components(const json_t *o, const char *what)
{
	json_t *list = json_object_get(o, "components");

	if (list) {
		printf("bytes of %s", what);
		if (*show_text(o, "components_from"))
			printf(" (from the %s)",
				show_text(o, "components_from"));
		printf(":\n");
		show_components(list, COMPONENTS_MAX);
	}
}

static void put_all_components(const json_t *o, const char *path)
{
	json_t *kernel = json_object_get(o, "kernel"), *c;
	size_t i;

	put_components(o, path);
	json_array_foreach(json_object_get(o, "contents"), i, c)
	{
		put_components(c, show_text(c, "path"));
	}
	put_components(json_object_get(kernel, "content"), "its kernel");
}

/* Where a kernel is alone, its file tells little. */
static void hint_record(const json_t *o, const char *path)
{
	if (!strncmp(show_text(o, "components_from"), "segments", 8) &&
		!strcmp(show_text(o, "type"), "kernel"))
		fprintf(stderr,
			"slipway: %s: no record of its link (explain.json of "
			"the build folder) is beside it: only what the file "
			"itself tells\n",
			path);
}

static void put_text(const json_t *o)
{
	const char *type = show_text(o, "type");

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
	const char *type = show_text(o, "type");
	int is_elf = !strcmp(type, "kernel") || !strcmp(type, "program");

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
		put_all_components(o, path);
		hint_record(o, path);
	}
	json_decref(o);
	return flushed(status);
}

/* --why and --syscalls: from the record of the link. */
static int explain(const char *path, const char *why, int json)
{
	struct err e = {0};
	json_t *o = inspect_file(path, INSPECT_EXPLAIN, &e);
	json_t *record = json_object_get(o, "explain"), *answer = NULL;

	if (!o)
		return ui_fail(&e);
	if (!record)
		err_set(&e, -ENOENT,
			"%s: the record of the link of a kernel is not in it, "
			"nor beside it: slipway build leaves it in images and "
			"as explain.json in the build folder",
			path);
	else if (why)
		answer = explain_why(record, why, &e);
	else
		answer = explain_calls(record);
	if (answer && json) {
		json_dumpf(answer, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (answer) {
		(why ? show_chain : show_calls)(answer);
	}
	json_decref(o);
	if (!answer)
		return ui_fail(&e);
	json_decref(answer);
	return flushed(EXIT_OK);
}

/* A document in an image, byte for byte: also as JSON it is no other. */
static int put_document(const char *path, const char *name)
{
	_buf_ struct buf text = {0};
	struct err e = {0};

	if (inspect_member(path, name, &text, &e) < 0)
		return ui_fail(&e);
	fwrite(text.data, 1, text.len, stdout);
	return flushed(EXIT_OK);
}

int cmd_inspect(int argc, char **argv)
{
	const char *document = NULL;
	unsigned flags = 0;
	int key, json = 0, documents = 0, calls = 0;
	const char *why = NULL;

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
		case KEY_WHY:
			why = optarg;
			break;
		case KEY_CALLS:
			calls = 1;
			break;
		case KEY_SBOM:
			document = "slipway/sbom.spdx.json";
			documents |= 1;
			break;
		case KEY_PROVENANCE:
			document = "slipway/provenance.json";
			documents |= 2;
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
	if (argc - optind == 2 && (flags || document || why || calls))
		return opt_error(&opts,
			"two files are compared as a whole: no --size, "
			"--files, --why, --syscalls, --sbom, --provenance");
	if ((why != NULL) + calls + (flags != 0) + (document != NULL) > 1 &&
		(why || calls))
		return opt_error(
			&opts, "--why and --syscalls are asked one at a time");
	if (argc - optind == 2)
		return flushed(
			differ_show(argv[optind], argv[optind + 1], json));
	if (documents == 3 || (document && flags))
		return opt_error(
			&opts, "--sbom and --provenance are each given alone");
	if (document)
		return put_document(argv[optind], document);
	if (why || calls)
		return explain(argv[optind], why, json);
	return inspect(argv[optind], flags, json);
}

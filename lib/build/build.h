/* SPDX-License-Identifier: Apache-2.0 */
/* One application's way from the manifest to its outputs. */
#ifndef BUILD_BUILD_H
#define BUILD_BUILD_H

#include <stdint.h>

#include "build/state.h"
#include "core/err.h"
#include "image/compress.h"
#include "manifest/app.h"
#include "manifest/diag.h"
#include "manifest/target.h"
#include "oci/image.h"

/*
 * Results are in DIR/build/NAME, where DIR is the manifest's folder, for the
 * manifest's first target, in DIR/build/NAME/targets/TARGET for another:
 *   program      static Linux program, runs on the build host (not with
 *                "program", which names one of the root filesystem)
 *   kernel       the same linked onto the base
 *   explain.json the record of that link (toolchain/explain.h)
 *   rootfs.erofs only if the manifest has files
 *   disk.img     the bootable disk, raw; also what a machine that was started
 *                with the kernel itself reads its root filesystem from
 *   vm.json      what `slipway run` and the launcher start (vm/config.h)
 *   packages     what "binaries" unpacked, if it names packages
 *   root/        only with an image as "rootfs": its files, unpacked
 *   state        what is up to date
 * A step whose inputs did not change is not done again. Two builds of one
 * manifest's target wait for each other.
 */
struct build {
	struct app *app;
	struct target *target;
	struct oci_image image; /* of "rootfs", if there is one */
	int unpacked;           /* its files are among the manifest's */
	char *data_dir;         /* of Slipway: targets, sysroot, boot, launch */
	char *target_dir;       /* DATADIR/sysroot/TARGET */
	const char *tools;      /* TARGET-cc and so on that "commands" get */
	char *tools_dir;        /* its sysroot */
	char *stem;             /* DIR/build/NAME: outputs are beside it */
	char *dir;              /* the results of this target */
	char *program, *kernel, *rootfs, *disk, *config;
	uint64_t epoch; /* SOURCE_DATE_EPOCH, else 0 */
	unsigned jobs;  /* compilers at once */
	int lock;       /* held while the struct lives */
	int collected;  /* what build/collect.h adds is in app->files */
	struct state state;
};

/*
 * Reads the manifest and the target (NULL: the manifest's first), makes and
 * locks the folder. -EINVAL with errors in *diags, or with *e set.
 */
int build_open(struct build *b, const char *manifest, const char *target,
	struct diags *diags, struct err *e);
void build_close(struct build *b);
/*
 * The same for several of the manifest's targets, NULL being all: *v has *n,
 * at least one, in the manifest's order. An empty list is the first.
 */
int build_open_targets(struct build **v, size_t *n, const char *manifest,
	const struct strv *targets, struct diags *diags, struct err *e);
void build_close_targets(struct build *v, size_t n);
#define _build_ __attribute__((cleanup(build_close)))

/* Each brings its file up to date, and what it stands on first. */
int build_program(struct build *b, struct err *e);
int build_kernel(struct build *b, struct err *e);
int build_rootfs(struct build *b, struct err *e);
int build_disk(struct build *b, struct err *e);
int build_config(struct build *b, struct err *e);

/* One --output. */
enum output_type {
	OUTPUT_DOCKER, /* the hybrid tar */
	OUTPUT_OCI,    /* an OCI layout: a folder, or the hybrid as .tar */
	OUTPUT_DISK,
	OUTPUT_KERNEL,
	OUTPUT_ROOTFS, /* the image's files as a folder, for COPY --from */
};
enum { OUTPUT_TYPES = OUTPUT_ROOTFS + 1 };
extern const char *const output_type_names[OUTPUT_TYPES];
/* What starts the machine of an image. */
enum output_runner {
	OUTPUT_RUNNER_QEMU, /* the launcher and QEMU, in the image */
	OUTPUT_RUNNER_NONE, /* the engine: KubeVirt, urunc, krun */
};
enum { OUTPUT_RUNNERS = OUTPUT_RUNNER_NONE + 1 };
extern const char *const output_runner_names[OUTPUT_RUNNERS];
struct output {
	enum output_type type;
	char *dest;    /* NULL: the default beside build/NAME */
	char *format;  /* of a disk; NULL: "raw" */
	uint64_t size; /* of a disk; 0: as large as it must be */
	enum image_compression compression; /* of layers */
	enum output_runner runner;
	int level; /* COMPRESS_DEFAULT: the usual one */
};
/*
 * Of `n` builds: those of one manifest for several targets, in the manifest's
 * order, make one output of type oci, an index of their images. Those of
 * other types hold one: -EINVAL.
 */
int build_output(struct build *b, size_t n, const struct output *o,
	const struct strv *tags, struct err *e);
/* Where an output goes; caller frees. */
char *build_output_path(const struct build *b, const struct output *o);

#endif

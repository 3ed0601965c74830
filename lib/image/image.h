/* SPDX-License-Identifier: Apache-2.0 */
/* The container image: one tar that is a docker archive and an OCI layout. */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/digest.h"
#include "core/err.h"
#include "image/compress.h"

/* One member of a layer. Content is `link`, else `source`, else `data`. */
struct image_entry {
	char *path;    /* in the image, no leading slash: "disk/disk.img" */
	int dir;       /* a folder */
	char *link;    /* symlink target, or NULL */
	char *source;  /* host file, or NULL */
	char *data;    /* bytes, when there is no source; may be NULL */
	size_t len;    /* of data */
	unsigned mode; /* permission bits, without setuid and setgid */
	unsigned uid, gid;
};

/*
 * A layer in the making; all zero is an empty one. Entries may come in any
 * order; they are sorted, and missing parent folders (0755, 0:0) added,
 * when the layer is written. A path given twice is an error then.
 */
struct image_layer {
	struct image_entry *v;
	size_t n, cap;
	const char *comment; /* for the history: "qemu 7.2"; not owned */
	int keep; /* keep the compressed layer in the cache (large, shared) */
};

void image_add_file(struct image_layer *l, const char *path, const char *source,
	unsigned mode, unsigned uid, unsigned gid);
void image_add_data(struct image_layer *l, const char *path, const void *p,
	size_t n, unsigned mode, unsigned uid, unsigned gid);
void image_add_link(
	struct image_layer *l, const char *path, const char *target);
void image_add_dir(struct image_layer *l, const char *path, unsigned mode,
	unsigned uid, unsigned gid);
void image_layer_free(struct image_layer *l);
#define _layer_ __attribute__((cleanup(image_layer_free)))

/* What the engine runs in a container to see whether it is well. Times are
 * in ns; 0 is the engine's own choice. */
struct image_health {
	struct strv command;
	uint64_t interval_ns, timeout_ns, start_period_ns;
	unsigned retries;
};

/*
 * A document about the image, such as an SBOM. An OCI layout keeps it beside
 * the image: a manifest of its own, whose "subject" is the image's manifest.
 */
struct image_referrer {
	const char *type;      /* "application/spdx+json" */
	const char *predicate; /* of an in-toto statement, else NULL */
	/* Appends the document; `manifest` is that of the image. */
	void (*write)(const struct digest_hex *manifest, const void *arg,
		struct buf *out);
	const void *arg;
};

/* Strings and lists are the caller's; empty or NULL ones are left out. */
struct image_spec {
	const char *target;      /* "x86_64-keel": to tell several apart */
	const char *oci_arch;    /* "amd64" */
	const char *oci_variant; /* "v8" of arm64, or NULL */
	struct strv tags;        /* REPO:TAG; index.json names the first */
	struct strv entrypoint, cmd;
	struct strv env; /* K=V */
	const char *workdir;
	struct strv ports;   /* "8080/tcp" */
	struct strv volumes; /* absolute paths */
	struct strv labels;  /* K=V */
	const char *stop_signal;
	const char *user;
	const struct image_health *health; /* NULL: none */
	uint64_t epoch; /* SOURCE_DATE_EPOCH: every time in the image */
	enum image_compression compression;
	int level;        /* of the compression, or COMPRESS_DEFAULT */
	unsigned threads; /* that compress; 0 is 1 */
	struct image_layer **layers; /* from the lowest up */
	size_t nlayers;
	/* Readers of docker archives want index.json to name nothing but the
	 * image, so that a tar for them has none of these. */
	const struct image_referrer *referrers;
	size_t nreferrers;
	/* The image of another target, or NULL: index.json leads to an index
	 * of all, by which an engine takes the one for its machine, the first
	 * of them that is. Each can be had by TAG-TARGET, too. Tags are those
	 * of the first, and so is the docker view. */
	const struct image_spec *next;
};

struct image_info {
	struct digest_hex config;   /* the image ID of docker and podman */
	struct digest_hex manifest; /* the ID of containerd */
	uint64_t size;              /* bytes of the output */
};

/*
 * Each writes its output whole or not at all (`out` may be NULL). Strings
 * that an image cannot carry (not UTF-8, a tag in upper case, an Env entry
 * without "=", ...) are refused by name, -EINVAL.
 */
/* The hybrid tar: docker load, podman, skopeo oci-archive: and so on. */
int image_write_tar(const struct image_spec *s, const char *path,
	struct image_info *out, struct err *e);
/* An OCI layout as a folder. One that is there (also a mount point) must be
 * empty or an OCI layout; its contents are replaced. */
int image_write_layout(const struct image_spec *s, const char *dir,
	struct image_info *out, struct err *e);
/* The files of all layers as a plain tree, for COPY --from. Owners need
 * root; without it all is the user's. A folder that is there must be empty
 * or hold nothing but names that this image has too. */
int image_write_rootfs(
	const struct image_spec *s, const char *dir, struct err *e);

#endif

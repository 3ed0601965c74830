/* SPDX-License-Identifier: Apache-2.0 */
/* A look into what Slipway makes: images, disks, kernels, programs. */
#ifndef INSPECT_INSPECT_H
#define INSPECT_INSPECT_H

#include <jansson.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

enum {
	INSPECT_FILES = 1, /* list the files of images and root filesystems */
	INSPECT_SIZE = 2,  /* whose each byte of the file is */
	/* Contents by their digests, and what is in disks and kernels of an
	 * image. */
	INSPECT_DIGESTS = 4,
	/* The record of the link, as member "explain" (explain.h), of the
	 * kernel or of the one in an image or disk. */
	INSPECT_EXPLAIN = 8,
};

/*
 * What the file is and what is in it, as an object whose member "type" is
 * "image", "disk", "kernel", "program" or "rootfs"; the other members are
 * described in slipway-inspect(1). Nothing in the file is trusted. NULL and
 * *e if it cannot be read, is none of these, or is damaged. Caller decrefs.
 */
json_t *inspect_file(const char *path, unsigned flags, struct err *e);

/*
 * What is not the same in two such objects: an array, empty if nothing is, of
 * objects with "where" (names of members, joined by ": "), "a" and "b" (one
 * is missing if only the other file has it). Members of lists are matched by
 * their path or name. Caller decrefs.
 */
json_t *inspect_compare(json_t *a, json_t *b);

/* Appends a file of an image, without the slash in front ("slipway/vm.json"),
 * to *out. The image is what inspect_file takes, or a folder of its files.
 * -ENOENT if it does not have the file, -EINVAL if it is no image. */
int inspect_member(
	const char *path, const char *name, struct buf *out, struct err *e);

/* One for each kind. `p` is the whole file. */
json_t *inspect_image(
	const char *path, int is_dir, unsigned flags, struct err *e);
/* The folder of type=rootfs: an image's files. */
int inspect_is_tree(const char *path);
json_t *inspect_tree(const char *path, unsigned flags, struct err *e);
json_t *inspect_disk(const char *path, const unsigned char *p, size_t len,
	unsigned flags, struct err *e);
json_t *inspect_elf(const char *path, const unsigned char *p, size_t len,
	unsigned flags, struct err *e);
json_t *inspect_rootfs(
	const unsigned char *p, size_t len, unsigned flags, struct err *e);

/* A string that may not be UTF-8: other bytes become '?'. */
json_t *inspect_string(const char *s, size_t len);
json_t *inspect_bytes(const char *path, const unsigned char *p, size_t len,
	unsigned flags, struct err *e);

/* A digest as all of them are told: "sha256:...". Of d it is the end. */
struct digest;
void inspect_set_digest(json_t *o, const char *key, struct digest *d);
void inspect_digest(
	json_t *o, const char *key, const unsigned char *p, size_t len);

/* One object of "files". */
json_t *inspect_entry(const char *path, unsigned mode, unsigned uid,
	unsigned gid, uint64_t size, const char *link, size_t link_len);

#endif

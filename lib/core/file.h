/* SPDX-License-Identifier: Apache-2.0 */
/* Files: whole reads, atomic writes, folders, trees. */
#ifndef CORE_FILE_H
#define CORE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "core/buf.h"
#include "core/err.h"

/* Appends the file's bytes; refuses more than `max` bytes (-EFBIG). */
int file_read(const char *path, size_t max, struct buf *out, struct err *e);

/*
 * Output files appear whole or not at all: written to a temporary beside
 * the target, synced, renamed by file_commit. file_abort (also run by
 * _outfile_) removes the temporary; so does a fatal signal (SIGINT,
 * SIGTERM, SIGHUP) once file_catch_signals() was called.
 */
struct outfile {
	int fd;     /* open for reading and writing */
	char *path; /* the target */
	char *tmp;  /* the temporary, NULL once committed */
};
int file_create(
	struct outfile *f, const char *path, mode_t mode, struct err *e);
int file_commit(struct outfile *f, struct err *e);
/* Without the sync: for what can be made again, or is checked when read. */
int file_commit_unsynced(struct outfile *f, struct err *e);
void file_abort(struct outfile *f);
void file_catch_signals(void);
#define _outfile_ __attribute__((cleanup(file_abort)))

/* Writes all n bytes (at an offset), retries EINTR and short writes. */
int file_write_all(int fd, const void *p, size_t n, struct err *e);
int file_pwrite_all(
	int fd, const void *p, size_t n, uint64_t off, struct err *e);
/* A whole small file at once, atomically. */
int file_put(
	const char *path, const void *p, size_t n, mode_t mode, struct err *e);
/* Copies n bytes (or to the end if n is UINT64_MAX), keeping holes. */
int file_copy_range(int from, uint64_t from_off, int to, uint64_t to_off,
	uint64_t n, struct err *e);

int file_mkdirs(const char *path, struct err *e); /* like mkdir -p, 0755 */
int file_remove_tree(const char *path, struct err *e);
/* A fresh private folder under $TMPDIR or /tmp; caller frees and removes. */
char *file_temp_dir(const char *prefix, struct err *e);
/* The same in the folder of `path`, hidden, and how it becomes `path`
 * (which is not there, or an empty folder), 0755 less the umask. */
char *file_temp_dir_beside(const char *path, struct err *e);
int file_keep_temp_dir(const char *dir, const char *path, struct err *e);

/* DIR/NAME, or NAME alone if it is absolute; caller frees. */
char *path_join(const char *dir, const char *name);
const char *path_base(const char *path);
char *path_dir(const char *path); /* caller frees; "." if no slash */

/* Visits a tree in bytewise order, folders before what is in them. `rel`
 * is the path below root ("" for root itself); links are not followed. */
typedef int file_visit_fn(const char *path, const char *rel,
	const struct stat *st, void *arg, struct err *e);
int file_walk(const char *root, file_visit_fn *visit, void *arg, struct err *e);

/*
 * The folder that holds Slipway's data (targets/, sysroot/, boot/,
 * launch/, templates/): $SLIPWAY_LIB, or ../lib/slipway beside the folder
 * of the running program. Caller frees.
 */
char *file_data_dir(struct err *e);

#endif

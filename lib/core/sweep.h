/* SPDX-License-Identifier: Apache-2.0 */
/* Removes temporaries whose makers were killed outright. */
#ifndef CORE_SWEEP_H
#define CORE_SWEEP_H

/*
 * Who makes a temporary file or folder (core/file.h) holds a lock on it, which
 * ends with the process, however it ends: one that nobody holds is garbage.
 * Only the user's own are removed.
 */

/* ".NAME.XXXXXX", as file_create makes them? */
int sweep_is_temporary(const char *entry);
/* Removes a temporary, unless its maker lives. */
void sweep_one(const char *path);
/* All that are named PREFIX.XXXXXX in a folder; NULL: .NAME.XXXXXX of any. */
void sweep_dir(const char *dir, const char *prefix);
/* Those of one output file or folder. */
void sweep_beside(const char *path);

/*
 * Takes the lock of what was just made. -EAGAIN: another process is about to
 * remove it, so that it must be made again. A file system without locks is
 * no error.
 */
int sweep_hold(int fd, const char *path);

#endif

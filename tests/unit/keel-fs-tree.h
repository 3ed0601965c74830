/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing a tree of keel's files with one of the host. */
#ifndef TESTS_KEEL_FS_TREE_H
#define TESTS_KEEL_FS_TREE_H

/* Maps an image as the block device and boots the files. */
void tree_mount(const char *image);
/* Ends the test with a message unless `path` and all below it is the same
 * here ("" or with a slash at its end) and in keel. Returns the number of
 * names. */
enum { TREE_TIMES = 1 };
int tree_compare(const char *host, const char *path, unsigned flags);
_Noreturn void tree_fail(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Where -lNAME is: in the user's folders or the sysroot, never the host's. */
#ifndef TOOLCHAIN_LIBS_H
#define TOOLCHAIN_LIBS_H

#include "toolchain/args.h"

/* True for a folder of the build host's own headers or libraries. */
int libs_is_host_dir(const char *dir);

/*
 * The archive for -lNAME (":FILE" means the file of that name) in the -L
 * folders of `a`, then in SYSROOT/lib; caller frees; NULL: not there.
 */
char *libs_find(const struct cc_args *a, const char *sysroot, const char *name);

/* True for libraries of gcc's own, which gcc finds by itself. */
int libs_is_gcc_own(const char *name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Open files that are behind no name: epoll, eventfd, timerfd, ... */
#ifndef FS_ANON_H
#define FS_ANON_H

#include "kern/types.h"

struct file;
struct kstat;

/* For the file_ops of all of them: one inode in common, no place to seek
 * to (but no error either, as on Linux). */
int anon_stat(struct file *f, struct kstat *st);
long anon_seek(struct file *f, int64_t offset, int whence);

/* The file gets the lowest descriptor, or is given back: fd or -EMFILE. A
 * NULL file is -ENOMEM. */
long anon_install(struct file *f, bool cloexec);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Google Cloud's form of a disk: disk.raw in a gzip tar of old GNU format. */
#ifndef DISK_GCP_H
#define DISK_GCP_H

#include "core/err.h"

/* Sizes are multiples of it. */
#define GCP_UNIT (1ull << 30)

/* Writes the raw disk of `raw` to `fd`; blocks of zeros become holes of a
 * sparse member. The bytes depend on nothing but the disk's. */
int gcp_write(int raw, int fd, struct err *e);

#endif

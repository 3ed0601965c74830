/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes as people write them: 64M, 512K, 2GiB. */
#ifndef CORE_SIZE_H
#define CORE_SIZE_H

#include <stdint.h>

/*
 * A decimal number and a unit K, M or G (powers of 1024, any case, "iB" may
 * follow). 0; -EINVAL if it is no size; -ERANGE from 0 or above 1024G.
 */
int size_parse(const char *s, uint64_t *bytes);

#endif

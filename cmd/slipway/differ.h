/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between two images, disks or kernels. */
#ifndef SLIPWAY_DIFFER_H
#define SLIPWAY_DIFFER_H

/* Prints it on stdout, as text or JSON. EXIT_OK: nothing does. */
int differ_show(const char *a, const char *b, int json);

#endif

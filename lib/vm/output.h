/* SPDX-License-Identifier: Apache-2.0 */
/* Standard output and error of the program, written without ever blocking. */
#ifndef VM_OUTPUT_H
#define VM_OUTPUT_H

#include <stddef.h>
#include <sys/types.h>

/*
 * The descriptor is shared with others (a shell, a container engine), so it
 * may not be switched to non-blocking. A terminal is opened once more; in
 * the other cases no more is written at once than surely fits.
 */
struct output {
	int fd;
	int own;      /* fd is our own second opening of it */
	int socket;   /* use send with MSG_DONTWAIT */
	size_t chunk; /* most bytes that do not block once it is writable */
	int broken;   /* nobody reads: everything is dropped */
};

void output_open(struct output *o, int fd);
void output_close(struct output *o);

/*
 * Writes what is possible now: the number of bytes taken (0: wait until
 * `fd` is writable), or a negative errno. A broken output takes everything.
 */
ssize_t output_write(struct output *o, const void *p, size_t n);

#endif

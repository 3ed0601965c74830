/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal on standard input: settings, size, and giving it back. */
#ifndef VM_TTY_H
#define VM_TTY_H

#include <stdint.h>

/* `struct termios` of the kernel ABI, as the record and channel carry it. */
enum { TTY_TERMIOS_SIZE = 36 };

struct tty {
	int fd;    /* -1: standard input is no terminal */
	int dirty; /* settings were changed and must be given back */
	unsigned char saved[TTY_TERMIOS_SIZE];
};

/* Looks at a descriptor and keeps its settings. */
void tty_open(struct tty *t, int fd);
/* Sets what the program in the guest asked for; 0 or negative errno. */
int tty_set(struct tty *t, const void *termios);
/* Back to what it was; may be called twice. */
void tty_restore(struct tty *t);

/* Of the terminal on any of descriptors 0 to 2; 0x0 is told as 24x80. */
void tty_size(uint16_t *rows, uint16_t *cols);

#endif

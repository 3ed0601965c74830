/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel log, panic, and the end of the machine. */
#ifndef KERN_LOG_H
#define KERN_LOG_H

#include "kern/types.h"

/*
 * %s %d %u %x %lx %lu %ld %p %c, width and zero padding; no floats.
 * klog: a line for whoever asked for a verbose run, else dropped.
 * kmsg: always shown, on standard error (backtraces, "not enough memory").
 */
void klog(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void kmsg(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int ksnprintf(char *dst, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A broken invariant of keel itself; never for what a program or a device
 * can cause. Backtrace, then the machine ends. */
noreturn void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The program has ended with this status (0..255): flushes output, tells
 * the host, powers off. */
noreturn void machine_exit(int status);
/* The same from a thread of the program that holds no locks: what mappings
 * of files and TCP connections still hold goes to the host before. */
noreturn void process_exit(int status);
extern const char process_exit_linked; /* kern/process_exit.c */
/* Set then: no thread gets back to the program from here on. */
extern bool machine_ends;

/* Where log text and panics go, set by drivers; before that, the serial
 * port. `kind` is a CHANNEL_* type of abi/channel.h. Never sleeps. */
extern void (*log_sink)(int kind, const char *text, size_t len);

#endif

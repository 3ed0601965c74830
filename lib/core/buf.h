/* SPDX-License-Identifier: Apache-2.0 */
/* Growable byte buffer, and a list of strings (argv) built on it. */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include <stddef.h>
#include <stdint.h>

/* All zero is an empty buffer. data[len] is always 0 once data is set. */
struct buf {
	char *data;
	size_t len;
	size_t cap;
};

void buf_free(struct buf *b);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void buf_add_zero(struct buf *b, size_t n);
void buf_add_le(struct buf *b, uint64_t v, unsigned nbytes);
/* The string (owned by the caller); the buffer is empty afterwards. */
char *buf_steal(struct buf *b);

/* A NULL-terminated list of strings it owns. All zero is an empty list. */
struct strv {
	char **v; /* NULL while empty, else v[n] == NULL */
	size_t n;
	size_t cap;
};

void strv_free(struct strv *s);
void strv_add(struct strv *s, const char *str);
void strv_addf(struct strv *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void strv_add_all(struct strv *s, const struct strv *from);
void strv_take(struct strv *s, char *str); /* takes ownership */
/* Shell-quoted on one line, so that it can be pasted; caller frees. */
char *strv_quote(char *const *argv);

#define _buf_  __attribute__((cleanup(buf_free)))
#define _strv_ __attribute__((cleanup(strv_free)))

#endif

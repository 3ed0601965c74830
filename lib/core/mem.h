/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: allocation that cannot fail, and cleanup at end of scope. */
#ifndef CORE_MEM_H
#define CORE_MEM_H

#include <stddef.h>

/* Out of memory ends the process with a message and status 1. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void mem_free_p(void *pp);   /* free(*(void **)pp) */
void mem_close_p(int *fd);   /* close if >= 0 */
void mem_unlink_p(char **p); /* unlink and free if not NULL */

#define _free_   __attribute__((cleanup(mem_free_p)))
#define _close_  __attribute__((cleanup(mem_close_p)))
#define _unlink_ __attribute__((cleanup(mem_unlink_p)))

/* Takes the value out of a variable that has a cleanup. */
#define steal_ptr(p)                            \
	({                                      \
		__typeof__(p) steal_tmp_ = (p); \
		(p) = NULL;                     \
		steal_tmp_;                     \
	})
#define steal_fd(fd)                   \
	({                             \
		int steal_tmp_ = (fd); \
		(fd) = -1;             \
		steal_tmp_;            \
	})

#endif

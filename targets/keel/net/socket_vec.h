/* SPDX-License-Identifier: Apache-2.0 */
/* The program's vectors of buffers, copied in for a call. */
#ifndef NET_SOCKET_VEC_H
#define NET_SOCKET_VEC_H

#include "net/socket.h"

struct user_vec {
	struct iovec fast[8];
	struct iovec *heap; /* instead of `fast`, for more */
};

/* Sets v, skip and left of the message; -EINVAL, -EFAULT, -ENOMEM. At most
 * UIO_MAXIOV. On success vec_free must follow. */
int vec_import(
	struct user_vec *vec, struct socket_msg *m, uint64_t uvec, size_t n);
void vec_free(struct user_vec *vec);

#endif

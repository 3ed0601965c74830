# SPDX-License-Identifier: Apache-2.0
# lib/core: what every other module of the host side stands on.
LIB_SRC += lib/core/err.c lib/core/mem.c lib/core/buf.c lib/core/log.c \
	lib/core/file.c lib/core/outfile.c lib/core/tree.c lib/core/sweep.c \
	lib/core/proc.c lib/core/digest.c lib/core/hasher.c lib/core/near.c \
	lib/core/size.c lib/core/cache.c lib/core/cache_prune.c

# SPDX-License-Identifier: Apache-2.0
# The container image.
LIB_SRC += lib/image/gojson.c lib/image/descriptor.c lib/image/entry.c \
	lib/image/gzip.c \
	lib/image/compress.c lib/image/layer.c lib/image/check.c \
	lib/image/referrer.c lib/image/config.c lib/image/index.c \
	lib/image/layout.c \
	lib/image/place.c lib/image/image.c lib/image/tree.c lib/image/vmm.c

# SPDX-License-Identifier: Apache-2.0
# Container images that others made, as a root filesystem.
LIB_SRC += lib/oci/ref.c lib/oci/image.c lib/oci/config.c lib/oci/tree.c \
	lib/oci/stream.c lib/oci/apply.c

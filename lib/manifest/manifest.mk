# SPDX-License-Identifier: Apache-2.0
# lib/manifest: the two kinds of manifest, read and checked.
LIB_SRC += lib/manifest/diag.c

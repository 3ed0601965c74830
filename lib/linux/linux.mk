# SPDX-License-Identifier: Apache-2.0
# The base `linux`: a stock kernel and what it starts, as one kernel file.
LIB_SRC += lib/linux/bundle.c lib/linux/initramfs.c

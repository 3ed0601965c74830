# SPDX-License-Identifier: Apache-2.0
# A look into what Slipway makes.
LIB_SRC += lib/inspect/inspect.c lib/inspect/store.c lib/inspect/image.c \
	lib/inspect/disk.c lib/inspect/elf.c lib/inspect/compare.c \
	lib/inspect/layer.c lib/inspect/explain.c lib/inspect/elfsize.c lib/inspect/linuxsize.c \
	lib/inspect/disksize.c lib/inspect/imagesize.c lib/inspect/spans.c \
	lib/inspect/origin.c lib/inspect/reasons.c lib/inspect/tree.c lib/inspect/member.c

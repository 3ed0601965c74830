# SPDX-License-Identifier: Apache-2.0
# The bootable disk, and the boot code that goes on it.
LIB_SRC += lib/disk/guid.c lib/disk/gpt.c lib/disk/pvh.c lib/disk/boot.c \
	lib/disk/esp.c lib/disk/fat.c lib/disk/disk.c lib/disk/convert.c lib/disk/erofs.c \
	lib/disk/nodes.c lib/disk/rootfs.c lib/disk/crc32c.c lib/disk/vhdx.c lib/disk/grow.c \
	lib/disk/gcp.c

include targets/keel/arch/x86_64/boot/boot.mk

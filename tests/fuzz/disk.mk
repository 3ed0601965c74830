# SPDX-License-Identifier: Apache-2.0
# The fuzzer of what reads disks begins with the head of a disk, a kernel and
# a root filesystem.
FUZZERS += disk
FUZZ_SRC_disk = $(filter lib/core/% lib/disk/% lib/inspect/%,$(LIB_SRC)) \
	lib/image/gojson.c lib/image/compress.c lib/image/gzip.c \
	lib/toolchain/elf.c lib/toolchain/note.c lib/toolchain/objfile.c \
	lib/toolchain/symbols.c lib/toolchain/pack.c \
	lib/toolchain/explain_how.c lib/linux/bundle.c
FUZZ_LIBS_disk = -larchive -ljansson -lnettle -lz -lzstd -llz4
FUZZ_SEEDS_disk = $(B)/fuzz/disk.seeds

$(B)/fuzz/disk: | $(B)/fuzz/disk.seeds/gpt
$(B)/fuzz/disk.seeds/gpt: $(B)/tests/unit/artifact $(B)/tests/boot/stub \
		$(BOOT_BIN)
	@mkdir -p $(@D)
	$(Q)cp $(B)/tests/boot/stub $(@D)/kernel
	$(Q)$(B)/tests/unit/artifact rootfs $(@D)/rootfs \
		$(CURDIR)/templates/hello:/a:-:1:70000 /a@/b >/dev/null
	$(Q)$(B)/tests/unit/artifact disk $(L)/boot/x86_64 \
		$(B)/tests/boot/stub $@.img >/dev/null
	$(Q)head -c 24576 $@.img >$@
	$(Q)rm -f $@.img

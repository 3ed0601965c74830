# SPDX-License-Identifier: Apache-2.0
# Kernels for the boot tests: the stub (also the floor of `make bench`) and
# the probe. Linked for i386, since they never leave 32-bit mode, and then
# turned into ELF64, which is what loaders of PVH kernels take.
BOOT_TEST = $(B)/tests/boot
BOOT_TEST_LD = x86_64-linux-gnu-gcc -m32 -march=i686 $(BOOT_CFLAGS) \
	-I$(BOOT_DIR) $(BOOT_LDFLAGS) -Wl,-m,elf_i386,-z,noexecstack

$(BOOT_TEST)/stub: tests/boot/disk/stub.S
$(BOOT_TEST)/probe: tests/boot/disk/probe.S tests/boot/disk/probe.c \
	$(BOOT_DIR)/pvh.h
$(BOOT_TEST)/stub $(BOOT_TEST)/probe: tests/boot/disk/kernel.ld
	@mkdir -p $(@D)
	$(call say,LD ,$@)$(BOOT_TEST_LD) -MF $@.d \
		-Wl,-T,tests/boot/disk/kernel.ld -o $@.32 \
		$(filter %.S %.c,$^)
	$(Q)x86_64-linux-gnu-objcopy -O elf64-x86-64 $@.32 $@

TEST_DEPS += $(BOOT_TEST)/stub $(BOOT_TEST)/probe
TESTS += tests/boot/disk-boot.t
TESTS += tests/boot/disk-size.t

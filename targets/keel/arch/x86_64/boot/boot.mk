# SPDX-License-Identifier: Apache-2.0
# What boots the disk: boot sector, stage 2, UEFI loader, as flat binaries.
BOOT_DIR = targets/keel/arch/x86_64/boot
BOOT_OBJ = $(B)/obj/$(BOOT_DIR)
BOOT_CC = x86_64-linux-gnu-gcc
BOOT_BIN = $(addprefix $(L)/boot/x86_64/,mbr.bin stage2.bin uefi.bin)
BOOT_CFLAGS = -std=gnu11 $(WARN) -Os -ffreestanding -fno-builtin -fno-pic \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none \
	-mgeneral-regs-only --param=min-pagesize=0 -MMD -MP
BOOT_LDFLAGS = -nostdlib -static -no-pie -Wl,--build-id=none \
	-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments -Wl,-z,noexecstack

all: $(BOOT_BIN)

$(BOOT_OBJ)/mbr.elf: $(BOOT_DIR)/mbr.S
	@mkdir -p $(@D)
	$(call say,LD ,$@)$(BOOT_CC) -m32 $(BOOT_LDFLAGS) \
		-Wl,-m,elf_i386,-Ttext=0x7c00 -o $@ $<

$(BOOT_OBJ)/stage2.elf: $(BOOT_DIR)/stage2.S $(BOOT_DIR)/stage2.c \
		$(BOOT_DIR)/stage2.ld $(BOOT_DIR)/pvh.h
	@mkdir -p $(@D)
	$(call say,CC ,$(BOOT_DIR)/stage2.c)$(BOOT_CC) -m32 -march=i686 \
		$(BOOT_CFLAGS) -MF $(@:.elf=.d) $(BOOT_LDFLAGS) \
		-Wl,-m,elf_i386,-T,$(BOOT_DIR)/stage2.ld -o $@ \
		$(BOOT_DIR)/stage2.S $(BOOT_DIR)/stage2.c

$(BOOT_OBJ)/uefi.elf: $(BOOT_DIR)/uefi.S $(BOOT_DIR)/uefi.c \
		$(BOOT_DIR)/uefi.ld $(BOOT_DIR)/uefi.h $(BOOT_DIR)/pvh.h
	@mkdir -p $(@D)
	$(call say,CC ,$(BOOT_DIR)/uefi.c)$(BOOT_CC) -m64 -march=x86-64 \
		$(BOOT_CFLAGS) -fpie -fvisibility=hidden -mno-red-zone \
		-MF $(@:.elf=.d) $(BOOT_LDFLAGS) \
		-Wl,-T,$(BOOT_DIR)/uefi.ld -o $@ \
		$(BOOT_DIR)/uefi.S $(BOOT_DIR)/uefi.c

$(L)/boot/x86_64/%.bin: $(BOOT_OBJ)/%.elf
	@mkdir -p $(@D)
	$(Q)x86_64-linux-gnu-objcopy -O binary $< $@

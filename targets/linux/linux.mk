# SPDX-License-Identifier: Apache-2.0
# The sysroot of x86_64-linux: the C library of keel's, the distribution's
# kernel with its modules, and what starts the program.
LINUX = $(L)/sysroot/x86_64-linux
LINUX_DIR = targets/linux
LINUX_CC = $(abspath $(B))/bin/x86_64-keel-cc
LINUX_CFLAGS = -std=gnu11 $(WARN) -D_GNU_SOURCE -Os -iquote targets/keel \
	-iquote $(LINUX_DIR)/init
LINUX_INIT = $(wildcard $(LINUX_DIR)/init/*.c $(LINUX_DIR)/arch/x86_64/*.c)
LINUX_TOOL_LINKS = $(patsubst %,$(B)/bin/x86_64-linux-%,$(KEEL_TOOLS) $(CC_MORE))
LINUX_LIBS = $(addprefix $(LINUX)/lib/,libc.a vmlinux stub.bin init)

all: $(LINUX)/stamp $(LINUX_TOOL_LINKS)
$(LINUX_TOOL_LINKS): | $(B)/bin/slipway
	$(Q)ln -sf slipway $@

$(LINUX)/stamp: $(LINUX_LIBS) $(B)/bin/slipway $(BOOT_BIN) $(LAUNCH) $(LISTEN)
	$(Q)touch $@

$(LINUX)/lib/libc.a: $(SYSROOT)/lib/libc.a $(SYSROOT)/lib/libhost.a
	@mkdir -p $(@D)
	@rm -rf $(LINUX)/include
	$(call say,CP ,$(LINUX))cp -R $(SYSROOT)/include $(LINUX)/ && \
	cp $(SYSROOT)/lib/*.[ao] $(@D)/ && rm -f $(@D)/libkeel*.a

$(LINUX)/lib/vmlinux: $(LINUX_DIR)/kernel.sh
	@mkdir -p $(@D)
	$(call say,SRC,linux)$(LINUX_DIR)/kernel.sh $(B)/linux && \
	rm -rf $(@D)/modules && cp -R $(B)/linux/. $(@D)/
	@touch $@

$(LINUX)/lib/stub.bin: $(LINUX_DIR)/arch/x86_64/stub.S
	@mkdir -p $(@D) $(B)/linux-obj
	$(call say,AS ,$<)x86_64-linux-gnu-gcc -c -o $(B)/linux-obj/stub.o $< && \
	x86_64-linux-gnu-objcopy -O binary -j .text $(B)/linux-obj/stub.o $@ && \
	chmod 644 $@

# Without the notes, which name the folder of the build.
$(LINUX)/lib/init: $(LINUX_INIT) $(LINUX_DIR)/init/init.h \
		$(wildcard targets/keel/abi/*.h) $(STAMP) \
		$(L)/targets/x86_64-keel.json | $(KEEL_TOOL_LINKS)
	@mkdir -p $(@D)
	$(call say,CC ,$@)$(LINUX_CC) $(LINUX_CFLAGS) -s -o $@ $(LINUX_INIT) && \
	x86_64-linux-gnu-objcopy -R .note.slipway -R .note.gnu.build-id $@ 2>/dev/null

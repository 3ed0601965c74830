# SPDX-License-Identifier: Apache-2.0
KEEL_SRC += $(addprefix targets/keel/libc/,keel-jumps.S keel-restore.S \
	keel-thread.S)

# The sysroot of x86_64-keel: musl, Linux's headers, libhost.a.
MUSL = $(B)/musl
KEEL_TRIPLET = x86_64-linux-gnu
SYSROOT = $(L)/sysroot/x86_64-keel
LIBC_DIR = targets/keel/libc
LIBC_FILES = $(filter-out %/host.S %/keel-jumps.S %/keel-restore.S \
	%/keel-thread.S,$(wildcard \
	$(LIBC_DIR)/*.[chS] $(LIBC_DIR)/arch/*)) $(LIBC_DIR)/musl.mak \
	$(LIBC_DIR)/iconv.sed targets/keel/tools/syscalls.awk
UNISTD_64 = $(firstword $(wildcard \
	/usr/include/$(KEEL_TRIPLET)/asm/unistd_64.h \
	/usr/$(KEEL_TRIPLET)/include/asm/unistd_64.h))
HOST_STUBS_CC = $(KEEL_TRIPLET)-gcc -c -fPIC -Wa,--noexecstack

.PHONY: sysroot
sysroot: $(SYSROOT)/lib/libc.a $(SYSROOT)/lib/libhost.a
all: sysroot

$(MUSL)/src/Makefile: targets/sources/fetch.sh
	@rm -rf $(MUSL)/src
	$(call say,SRC,musl)targets/sources/fetch.sh musl $(MUSL)/src
	@touch $@

# What `slipway build` tells of them in an image's list of parts.
KEEL_SOURCES = $(SYSROOT)/sources
all: $(KEEL_SOURCES)/musl/source.dsc
$(KEEL_SOURCES)/musl/source.dsc: $(MUSL)/src/Makefile
	@mkdir -p $(@D)
	$(Q)cp $(MUSL)/src/debian/copyright $(@D)/ && \
		cp $(MUSL)/src/debian/source.dsc $@

# Headers of musl, then those of the kernel beside them.
$(SYSROOT)/include/.stamp: $(MUSL)/src/Makefile $(LIBC_DIR)/headers.sh \
		$(LIBC_DIR)/arch/keel_syscall.h targets/keel/tools/syscalls.awk
	@rm -rf $(@D) && mkdir -p $(@D)
	$(call say,HDR,$(@D))$(LIBC_DIR)/headers.sh $(MUSL)/src \
		$(dir $(UNISTD_64)) $(@D)
	@touch $@

$(MUSL)/gen/keel-fold.h: $(UNISTD_64) targets/keel/tools/syscalls.awk
	@mkdir -p $(@D)
	$(Q)awk -v out=fold -f targets/keel/tools/syscalls.awk $< >$@

$(SYSROOT)/lib/libc.a: $(SYSROOT)/include/.stamp $(MUSL)/gen/keel-fold.h \
		$(LIBC_FILES)
	@mkdir -p $(@D)
	@rm -rf $(MUSL)/obj $(MUSL)/lib
	@printf '%s\n' 'srcdir = src' 'OURS = $(abspath $(LIBC_DIR))' \
		'TRIPLET = $(KEEL_TRIPLET)' 'include $$(OURS)/musl.mak' \
		>$(MUSL)/config.mak
	$(call say,MUSL,$@)$(MAKE) -s -C $(MUSL) -f src/Makefile srcdir=src \
		$(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc)) keel
	@cp $(MUSL)/lib/*.a $(MUSL)/lib/crt1.o $(MUSL)/lib/crti.o \
		$(MUSL)/lib/crtn.o $(@D)/
	@touch $@

$(MUSL)/gen/host-stubs.S: $(UNISTD_64) targets/keel/tools/syscalls.awk
	@mkdir -p $(@D)
	$(Q)awk -v out=host -f targets/keel/tools/syscalls.awk $< >$@

$(SYSROOT)/lib/libhost.a: $(MUSL)/gen/host-stubs.S $(LIBC_DIR)/host.S \
		$(SYSROOT)/include/.stamp
	@mkdir -p $(@D)
	$(call say,AR ,$@)$(HOST_STUBS_CC) -o $(MUSL)/host-stubs.o $< && \
	$(HOST_STUBS_CC) -nostdinc -I$(SYSROOT)/include \
		-o $(MUSL)/host.o $(LIBC_DIR)/host.S && rm -f $@ && \
	$(KEEL_TRIPLET)-ar rcsD $@ $(MUSL)/host.o $(MUSL)/host-stubs.o

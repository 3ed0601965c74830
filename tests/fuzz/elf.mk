# SPDX-License-Identifier: Apache-2.0
# The fuzzer of the ELF reader begins with a program that has the note.
FUZZERS += elf
FUZZ_SRC_elf = $(filter lib/core/%,$(LIB_SRC)) lib/toolchain/elf.c \
	lib/toolchain/note.c lib/toolchain/objfile.c lib/toolchain/symbols.c \
	lib/toolchain/pack.c
FUZZ_LIBS_elf = -ljansson -lnettle -llz4
FUZZ_SEEDS_elf = $(B)/fuzz/elf.seeds

$(B)/fuzz/elf: | $(B)/fuzz/elf.seeds/program
$(B)/fuzz/elf.seeds/program: templates/hello/main.c $(SYSROOT)/lib/libc.a \
		$(SYSROOT)/lib/libhost.a | $(B)/bin/slipway \
		$(KEEL_TOOL_LINKS) $(MANIFEST_DATA)
	@mkdir -p $(@D)
	$(Q)$(B)/bin/x86_64-keel-cc -Os -s -o $@ $<

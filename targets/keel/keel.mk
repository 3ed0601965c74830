# SPDX-License-Identifier: Apache-2.0
# keel: libkeel.a and libkeel-absent.a into the sysroot, keel.ld beside them.
# Rooms add to KEEL_SRC by targets/keel/ROOM/ROOM.mk.
KEEL_CC      ?= x86_64-linux-gnu-gcc
KEEL_AR      ?= x86_64-linux-gnu-ar
KEEL_OBJCOPY ?= x86_64-linux-gnu-objcopy
KEEL_NM      ?= x86_64-linux-gnu-nm
KEEL_UAPI    ?= /usr/include
# Sources to leave out, as patterns (targets/keel/fs/%), while working.
KEEL_SKIP    ?=
# Where the numbers of the system calls are.
KEEL_UNISTD  ?= $(KEEL_UAPI)/x86_64-linux-gnu/asm/unistd_64.h

KEEL_B = $(B)/keel
KEEL_LIB = $(L)/sysroot/x86_64-keel/lib

KEEL_SRC =
# Objects of other sources; their rules are in the room's .mk.
KEEL_MORE_OBJ =
include $(wildcard targets/keel/*/*.mk)

# No stack protector in keel itself: the canary would have to live in the
# program's TLS, which the program may not have yet or may have broken.
KEEL_CFLAGS = -std=gnu11 $(WARN) -Oz -g0 -ffreestanding -fPIE \
	-mpreferred-stack-boundary=3 -mgeneral-regs-only \
	-mno-red-zone -fomit-frame-pointer \
	-fno-move-loop-invariants -fno-tree-loop-im \
	-fno-stack-protector -fno-asynchronous-unwind-tables \
	-fno-unwind-tables -ffunction-sections -fdata-sections \
	-fvisibility=hidden -fno-common -fno-strict-aliasing \
	-fcf-protection=none -fno-jump-tables -fno-builtin-printf \
	-fmacro-prefix-map=targets/keel/= -Itargets/keel -I$(KEEL_B)/gen \
	-idirafter $(KEEL_UAPI)/x86_64-linux-gnu -idirafter $(KEEL_UAPI) \
	-MMD -MP
KEEL_MISSING = $(filter-out $(wildcard $(KEEL_SRC)),$(KEEL_SRC))
ifneq ($(KEEL_MISSING),)
$(warning keel: no such source: $(KEEL_MISSING))
endif
KEEL_OBJ = $(patsubst %,$(KEEL_B)/obj/%.o,$(basename \
	$(patsubst targets/keel/%,%,$(filter-out $(KEEL_SKIP),\
	$(wildcard $(KEEL_SRC)))))) $(KEEL_MORE_OBJ)

# For the command: every call of Linux as "NAME NUMBER STATUS NOTE".
KEEL_CALLS = $(L)/sysroot/x86_64-keel/syscalls

all: $(KEEL_LIB)/libkeel.a $(KEEL_LIB)/libkeel-absent.a $(KEEL_LIB)/keel.ld \
	$(KEEL_CALLS)

$(KEEL_B)/gen/sys/proto.h: targets/keel/sys/syscalls.tbl \
		targets/keel/tools/proto.awk
	@mkdir -p $(@D)
	$(Q)awk -f targets/keel/tools/proto.awk $< >$@.tmp && mv $@.tmp $@

$(KEEL_B)/obj/%.o: targets/keel/%.c $(KEEL_B)/gen/sys/proto.h \
		targets/keel/keel.mk
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(KEEL_CC) $(KEEL_CFLAGS) -c -o $@ $<

$(KEEL_B)/obj/%.o: targets/keel/%.S targets/keel/keel.mk
	@mkdir -p $(@D)
	$(call say,AS ,$<)$(KEEL_CC) $(KEEL_CFLAGS) -c -o $@ $<

# One object a system call: stubs for those of the table, absent ones for
# all other names of asm/unistd_64.h.
$(KEEL_B)/stubs.done: targets/keel/sys/syscalls.tbl \
		targets/keel/tools/stubs.sh
	$(call say,GEN,$(KEEL_B)/stubs)KEEL_CC="$(KEEL_CC)" \
		sh targets/keel/tools/stubs.sh $< $(KEEL_UNISTD) $(KEEL_B)/stubs
	@touch $@

$(KEEL_CALLS): targets/keel/sys/syscalls.tbl targets/keel/tools/calls.awk
	@mkdir -p $(@D)
	$(Q)awk -f targets/keel/tools/calls.awk $< $(KEEL_UNISTD) \
		>$@.tmp && mv $@.tmp $@

$(KEEL_LIB)/libkeel.a: $$(KEEL_OBJ) $(KEEL_B)/stubs.done \
		targets/keel/tools/archive.sh
	@mkdir -p $(@D)
	$(call say,AR ,$@)AR="$(KEEL_AR)" NM="$(KEEL_NM)" \
		OBJCOPY="$(KEEL_OBJCOPY)" sh targets/keel/tools/archive.sh \
		$@ $(KEEL_B)/renamed $(KEEL_B)/obj/ $(KEEL_OBJ) \
		-- $(KEEL_B)/stubs/real

$(KEEL_LIB)/libkeel-absent.a: $(KEEL_LIB)/libkeel.a
	@rm -f $@
	$(call say,AR ,$@)$(KEEL_AR) rcsD $@ $(KEEL_B)/stubs/absent/*.o \
		$(KEEL_B)/renamed/absent/*.o

$(KEEL_LIB)/keel.ld: targets/keel/keel.ld
	@mkdir -p $(@D)
	$(Q)cp $< $@

-include $(KEEL_OBJ:.o=.d)

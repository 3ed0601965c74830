# SPDX-License-Identifier: Apache-2.0
# clang-tidy over all that is compiled for the host and for keel, with the
# flags of the compiler. What a file's log holds is wrong with it; a file is
# looked at again when its object is newer.
CLANG_TIDY ?= clang-tidy
TIDY_HOST = $(filter %.c,$(LIB_SRC) $(SLIPWAY_CMD_SRC) \
	$(LAUNCH_OBJ:$(B)/obj/%.o=%.c))
TIDY_KEEL = $(filter %.c,$(wildcard $(KEEL_SRC)))
TIDY_BOOT = $(BOOT_DIR)/stage2.c $(BOOT_DIR)/uefi.c
TIDY_LINUX = $(filter %.c,$(LINUX_INIT))
TIDY_LOG = $(TIDY_LINUX:%=$(B)/tidy/%.log) $(TIDY_HOST:%=$(B)/tidy/%.log) $(TIDY_KEEL:%=$(B)/tidy/%.log) \
	$(TIDY_BOOT:%=$(B)/tidy/%.log)

# What only gcc knows, and what would write files.
TIDY_DROP = -Werror -MMD -MP -mpreferred-stack-boundary=3 \
	-fno-move-loop-invariants -fno-tree-loop-im \
	--param=min-pagesize=0 $(SAN)
# The analyzer gives up on a function after so many states, not 225000: a run
# over all takes about a minute instead of six.
TIDY_ADD = -Xclang -analyzer-config -Xclang max-nodes=40000

.PHONY: tidy tidy-list
tidy: $(TIDY_LOG)
tidy-list:
	@printf '%s\n' $(TIDY_LOG)

tidy_run = mkdir -p $(@D); $(CLANG_TIDY) --quiet $< -- \
	$(filter-out $(TIDY_DROP),$(1)) $(TIDY_ADD) >$@.tmp 2>&1 && \
	: >$@.tmp; mv $@.tmp $@

$(TIDY_HOST:%=$(B)/tidy/%.log): $(B)/tidy/%.c.log: %.c $(B)/obj/%.o .clang-tidy
	$(call say,TIDY,$<)$(call tidy_run,$(HOST_CFLAGS))

$(TIDY_KEEL:%=$(B)/tidy/%.log): $(B)/tidy/targets/keel/%.c.log: \
		targets/keel/%.c $(KEEL_B)/obj/%.o .clang-tidy \
		targets/keel/.clang-tidy
	$(call say,TIDY,$<)$(call tidy_run,$(KEEL_CFLAGS))

$(TIDY_LINUX:%=$(B)/tidy/%.log): $(B)/tidy/%.c.log: %.c $(LINUX)/lib/init \
		.clang-tidy
	$(call say,TIDY,$<)$(call tidy_run,$(LINUX_CFLAGS) -nostdlibinc \
		-isystem $(LINUX)/include)

$(TIDY_BOOT:%=$(B)/tidy/%.log): $(B)/tidy/$(BOOT_DIR)/%.c.log: \
		$(BOOT_DIR)/%.c $(BOOT_OBJ)/%.elf .clang-tidy \
		targets/keel/.clang-tidy
	$(call say,TIDY,$<)$(call tidy_run,$(BOOT_CFLAGS) \
		$(if $(findstring stage2,$<),-m32 -march=i686,-fpie))

TESTS += tests/cli/tidy.t

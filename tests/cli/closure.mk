# SPDX-License-Identifier: Apache-2.0
# The collector on trees of all kinds, with the sanitizers; packages.
CLOSURE_CHECK = $(B)/tests/cli/closure
$(CLOSURE_CHECK): tests/cli/closure.c $$(filter lib/closure/%,$$(LIB_SRC)) \
		lib/toolchain/elf.c lib/toolchain/dynamic.c $$(CORE_UNIT_SRC) \
		$(wildcard lib/closure/*.h lib/core/*.h)
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(UNIT_CFLAGS) -o $@ $(filter %.c,$^) -lnettle

TEST_DEPS += $(CLOSURE_CHECK)
TESTS += tests/cli/closure.t tests/cli/packages.t

# SPDX-License-Identifier: Apache-2.0
# Tests of what objects tell of their sources, with the sanitizers.
INPUTS_TEST = $(B)/tests/unit/inputs
$(INPUTS_TEST): tests/unit/inputs.c lib/toolchain/inputs.c \
		lib/toolchain/archive.c lib/toolchain/objfile.c \
		lib/toolchain/elf.c lib/sbom/sums.c \
		$(filter lib/core/%,$(LIB_SRC)) \
		$(wildcard lib/core/*.h lib/toolchain/*.h lib/sbom/sums.h)
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(UNIT_CFLAGS) -o $@ $(filter %.c,$^) \
		-lcmocka -lnettle

TEST_DEPS += $(INPUTS_TEST)
TESTS += tests/unit/inputs.t

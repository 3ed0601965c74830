# SPDX-License-Identifier: Apache-2.0
# Tests of lib/toolchain, always with the sanitizers.
TOOLCHAIN_TEST = $(B)/tests/unit/toolchain
TOOLCHAIN_UNIT_SRC = $(filter lib/core/% lib/toolchain/%,$(LIB_SRC)) \
	lib/sbom/sums.c

$(TOOLCHAIN_TEST): tests/unit/toolchain.c $$(TOOLCHAIN_UNIT_SRC) \
		$(wildcard lib/core/*.h lib/toolchain/*.h)
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(UNIT_CFLAGS) -o $@ $(filter %.c,$^) \
		-lcmocka -ljansson -lnettle -llz4 -larchive

TEST_DEPS += $(TOOLCHAIN_TEST)
TESTS += tests/unit/toolchain.t

PACK_TEST = $(B)/tests/unit/pack
$(PACK_TEST): tests/unit/pack.c lib/toolchain/pack.c lib/toolchain/elf.c \
		$(filter lib/core/%,$(LIB_SRC)) \
		$(wildcard lib/core/*.h lib/toolchain/*.h)
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(UNIT_CFLAGS) -o $@ $(filter %.c,$^) \
		-lcmocka -lnettle -llz4

TEST_DEPS += $(PACK_TEST)
TESTS += tests/unit/pack.t

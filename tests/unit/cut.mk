# SPDX-License-Identifier: Apache-2.0
# What reads ELF files and file systems, given a part of one.
CUT_TEST = $(B)/tests/unit/cut

$(CUT_TEST): tests/unit/cut.c $$(FUZZ_SRC_disk)
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(UNIT_CFLAGS) -o $@ $(filter %.c,$^) \
		$(FUZZ_LIBS_disk)

TEST_DEPS += $(CUT_TEST) $(B)/tests/unit/artifact $(B)/tests/boot/stub
TESTS += tests/unit/cut.t

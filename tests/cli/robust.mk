# SPDX-License-Identifier: Apache-2.0
# Builds that are killed, and builds whose writes fail by a library of ours.
FAULT_LIB = $(B)/tests/cli/fault.so

$(FAULT_LIB): tests/cli/fault.c
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) -std=gnu11 $(WARN) -O1 -D_GNU_SOURCE -shared \
		-fPIC -o $@ $< -ldl

TEST_DEPS += $(FAULT_LIB)
TESTS += tests/cli/cache.t tests/cli/kill.t tests/cli/fault.t tests/cli/hostile.t \
	tests/cli/imageroot.t

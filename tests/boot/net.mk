# SPDX-License-Identifier: Apache-2.0
# The network of a guest over bad wires.
$(B)/tests/boot/net-%: tests/boot/net-%.c targets/keel/abi/record.h
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(HOST_CFLAGS) -o $@ $<

TEST_DEPS += $(B)/tests/boot/net-relay $(B)/tests/boot/net-transfer
TESTS += tests/boot/net-torture.t tests/boot/net-cards.t

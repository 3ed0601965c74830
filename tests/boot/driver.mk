# SPDX-License-Identifier: Apache-2.0
# The drivers in real (emulated) machines.
$(B)/tests/boot/boot-run: tests/boot/boot-run.c $(B)/libslipway.a
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(HOST_CFLAGS) -o $@ $^ $(HOST_LIBS)

TEST_DEPS += $(B)/tests/boot/boot-run
TESTS += tests/boot/driver-io.t

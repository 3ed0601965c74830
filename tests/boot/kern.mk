# SPDX-License-Identifier: Apache-2.0
# The start and the end of programs in real (emulated) machines.
TEST_DEPS += $(B)/tests/relink $(B)/tests/boot/boot-run
TESTS += tests/boot/kern-boot.t tests/boot/signals.t
TESTS += tests/boot/urunc.t

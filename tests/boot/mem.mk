# SPDX-License-Identifier: Apache-2.0
# Memory of real (emulated) machines.
TEST_DEPS += $(B)/tests/relink
TESTS += tests/boot/mem-attacks.t tests/boot/mem-sweep.t

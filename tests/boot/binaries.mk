# SPDX-License-Identifier: Apache-2.0
TESTS += tests/boot/binaries.t

# SPDX-License-Identifier: Apache-2.0
TESTS += tests/boot/linux.t tests/boot/imageroot.t tests/boot/cpus.t \
	tests/boot/health.t

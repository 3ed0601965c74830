# SPDX-License-Identifier: Apache-2.0
# Tests of lib/disk and lib/image, with the sanitizers; and the program that
# makes disks and images for the tests in tests/boot, tests/cli, tests/docker.
ARTIFACT_SRC = $(filter lib/core/% lib/disk/% lib/image/%,$(LIB_SRC)) \
	lib/toolchain/elf.c lib/toolchain/dynamic.c
ARTIFACT_TEST = $(B)/tests/unit/artifact $(B)/tests/unit/disk \
	$(B)/tests/unit/image

$(ARTIFACT_TEST): $(B)/tests/unit/%: tests/unit/%.c $$(ARTIFACT_SRC) \
		$$(wildcard lib/core/*.h lib/disk/*.h lib/image/*.h)
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) -std=gnu11 $(WARN) -O1 -g -D_GNU_SOURCE -Ilib \
		-fsanitize=address,undefined -fno-sanitize-recover=all \
		-o $@ $(filter %.c,$^) -lcmocka $(HOST_LIBS)

TEST_DEPS += $(ARTIFACT_TEST)
TESTS += tests/unit/disk.t tests/unit/image.t

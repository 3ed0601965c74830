# SPDX-License-Identifier: Apache-2.0
# Tests of lib/core and lib/manifest, always with the sanitizers.
CORE_TEST = $(B)/tests/unit/core $(B)/tests/unit/core-files
MANIFEST_TEST = $(B)/tests/unit/manifest
UNIT_CFLAGS = -std=gnu11 $(WARN) -O1 -g -D_GNU_SOURCE -Ilib \
	-fsanitize=address,undefined -fno-sanitize-recover=all
CORE_UNIT_SRC = $(filter lib/core/%,$(LIB_SRC))
MANIFEST_UNIT_SRC = $(filter lib/manifest/% lib/oci/ref.c,$(LIB_SRC))

$(CORE_TEST): $(B)/tests/unit/%: tests/unit/%.c $$(CORE_UNIT_SRC) \
		$(wildcard lib/core/*.h)
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(UNIT_CFLAGS) -o $@ $(filter %.c,$^) \
		-lcmocka -lnettle

$(MANIFEST_TEST): $(B)/tests/unit/%: tests/unit/%.c $$(CORE_UNIT_SRC) \
		$$(MANIFEST_UNIT_SRC) $(wildcard lib/core/*.h lib/manifest/*.h)
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(UNIT_CFLAGS) -o $@ $(filter %.c,$^) \
		-lcmocka -ljansson -lnettle

TEST_DEPS += $(CORE_TEST) $(MANIFEST_TEST)
TESTS += tests/unit/core.t tests/unit/manifest.t

# SPDX-License-Identifier: Apache-2.0
# Tests of what lib/sbom reads, with the sanitizers.
SBOM_TEST_SRC = $(filter lib/core/% lib/sbom/%,$(LIB_SRC)) lib/image/gojson.c

$(B)/tests/unit/sbom: tests/unit/sbom.c $$(SBOM_TEST_SRC) \
		$$(wildcard lib/core/*.h lib/sbom/*.h)
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) -std=gnu11 $(WARN) -O1 -g -D_GNU_SOURCE -Ilib \
		-fsanitize=address,undefined -fno-sanitize-recover=all \
		-o $@ $(filter %.c,$^) -lcmocka $(HOST_LIBS)

TEST_DEPS += $(B)/tests/unit/sbom
TESTS += tests/unit/sbom.t

# SPDX-License-Identifier: Apache-2.0
# Wrong manifests and their messages; the two JSON schemas.
MANIFEST_CHECK = $(B)/tests/cli/manifest-check

$(MANIFEST_CHECK): tests/cli/manifest/check.c $$(CORE_UNIT_SRC) \
		$$(MANIFEST_UNIT_SRC) $(wildcard lib/core/*.h lib/manifest/*.h)
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(UNIT_CFLAGS) -o $@ $(filter %.c,$^) \
		-ljansson -lnettle

TEST_DEPS += $(MANIFEST_CHECK)
TESTS += tests/cli/manifest.t tests/cli/schema.t tests/cli/main.bats \
	tests/cli/completion.t \
	tests/cli/init.bats tests/cli/targets.bats tests/cli/interrupt.bats

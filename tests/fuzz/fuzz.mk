# SPDX-License-Identifier: Apache-2.0
# Fuzzers in libFuzzer form, with ASan and UBSan. A fuzzer NAME is the file
# tests/fuzz/NAME.c; in an .mk of its owner it says
#	FUZZERS += NAME
#	FUZZ_SRC_NAME    the sources it tests
#	FUZZ_CFLAGS_NAME -I... beside -Ilib
#	FUZZ_LIBS_NAME   -l...
#	FUZZ_SEEDS_NAME  folders or files to begin with
# and tests/fuzz/NAME.dict, if there, is its dictionary. `make fuzz` runs
# each for FUZZ_SECONDS (60), as the test does.
FUZZERS += manifest
FUZZ_SRC_manifest = $(filter lib/core/% lib/manifest/% lib/oci/ref.c,$(LIB_SRC))
FUZZ_LIBS_manifest = -ljansson -lnettle
FUZZ_SEEDS_manifest = tests/cli/manifest templates/hello/slipway.json \
	templates/sqlite/slipway.json targets/x86_64-keel.json

FUZZ_CC ?= clang
FUZZ_CFLAGS = -std=gnu11 -O1 -g -D_GNU_SOURCE -Ilib \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
FUZZ_PROGS = $(FUZZERS:%=$(B)/fuzz/%)

$(B)/fuzz/%: tests/fuzz/%.c $$(FUZZ_SRC_$$*)
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)$(FUZZ_CC) $(FUZZ_CFLAGS) $(FUZZ_CFLAGS_$*) -o $@ \
		$(filter %.c,$^) $(FUZZ_LIBS_$*)

# A line a fuzzer: its name, then its seeds. Rewritten when they change.
.PHONY: fuzz fuzz-list
$(B)/fuzz/list: fuzz-list
	@mkdir -p $(@D)
	@{ $(foreach f,$(FUZZERS),echo $(f) $(FUZZ_SEEDS_$(f));) } >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

fuzz: $(FUZZ_PROGS) $(B)/fuzz/list
	@B=$(abspath $(B)) tests/fuzz/fuzz.t

TEST_DEPS += $(FUZZ_PROGS) $(B)/fuzz/list
TESTS += tests/fuzz/fuzz.t

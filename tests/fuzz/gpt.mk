# SPDX-License-Identifier: Apache-2.0
# The fuzzer of keel's GPT reader: needs clang's libFuzzer.
CLANG ?= clang

$(B)/tests/fuzz/gpt: tests/fuzz/gpt.c targets/keel/drivers/gpt.c \
		targets/keel/drivers/gpt.h targets/keel/drivers/block.h
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CLANG) -std=gnu11 -O1 -g -iquote targets/keel \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-o $@ $(filter %.c,$^) -lz

TEST_DEPS += $(B)/tests/fuzz/gpt
TESTS += tests/fuzz/gpt.t

fuzz: fuzz-gpt
.PHONY: fuzz-gpt
fuzz-gpt: $(B)/tests/fuzz/gpt
	@B=$(abspath $(B)) tests/fuzz/gpt.t

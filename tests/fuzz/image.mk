# SPDX-License-Identifier: Apache-2.0
# The fuzzer of what reads images begins with small ones, one of them with a
# machine in it.
FUZZERS += image
FUZZ_SRC_image = $(FUZZ_SRC_disk) cmd/slipway/unpack.c lib/vm/config.c
FUZZ_CFLAGS_image = -Icmd/slipway
FUZZ_LIBS_image = $(FUZZ_LIBS_disk)
FUZZ_SEEDS_image = $(B)/fuzz/image.seeds

$(B)/fuzz/image: | $(B)/fuzz/image.seeds/plain
$(B)/fuzz/image.seeds/plain: $(B)/tests/unit/artifact
	@mkdir -p $(@D)
	$(Q)printf '{"version": 1, "name": "x", "kernel": "/.boot/kernel"}' \
		>$(@D)/vm.json
	$(Q)printf '\177ELF' >$(@D)/kernel
	$(Q)$(B)/tests/unit/artifact image tar $(@D)/gzip x:y >/dev/null
	$(Q)$(B)/tests/unit/artifact image plain $@ x:y \
		$(@D)/vm.json=slipway/vm.json $(@D)/kernel=.boot/kernel >/dev/null

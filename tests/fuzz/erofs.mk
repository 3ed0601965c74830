# SPDX-License-Identifier: Apache-2.0
# The fuzzer of keel's EROFS; it begins with images of mkfs.erofs.
FUZZERS += erofs
# What of keel's files runs on the host: no volumes, no waiting for events.
KEEL_FS_HOST = $(filter-out $(addprefix targets/keel/fs/,9p% event% \
	timerfd.c signalfd.c),$(filter targets/keel/fs/%,$(KEEL_SRC)))
KEEL_FS_FAKE = tests/unit/keel-fs-fake.c tests/unit/keel-fs-fake-sched.c
FUZZ_SRC_erofs = $(KEEL_FS_HOST) $(KEEL_FS_FAKE)
FUZZ_CFLAGS_erofs = -ffreestanding -iquote targets/keel -I$(KEEL_B)/gen \
	-Itests/unit
FUZZ_SEEDS_erofs = $(B)/fuzz/erofs.seeds

$(B)/fuzz/erofs: $(KEEL_B)/gen/sys/proto.h tests/unit/keel-fs-fake.h \
	$(wildcard targets/keel/fs/*.h)

$(B)/fuzz/erofs.seeds: tests/fuzz/erofs-seeds.sh
	@mkdir -p $(@D)
	$(call say,GEN,$@)sh $< $@

TEST_DEPS += $(B)/fuzz/erofs.seeds
fuzz: $(B)/fuzz/erofs.seeds

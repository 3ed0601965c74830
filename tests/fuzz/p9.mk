# SPDX-License-Identifier: Apache-2.0
# The fuzzer of volumes: what a host may answer.
FUZZERS += p9
FUZZ_SRC_p9 = $(KEEL_FS_HOST) $(addprefix targets/keel/fs/,9p.c 9p_attr.c \
	9p_name.c 9p_file.c 9p_dir.c 9p_map.c) $(KEEL_FS_FAKE)
FUZZ_CFLAGS_p9 = $(FUZZ_CFLAGS_erofs)
FUZZ_SEEDS_p9 = tests/fuzz/p9.c

$(B)/fuzz/p9: $(KEEL_B)/gen/sys/proto.h tests/unit/keel-fs-fake.h \
	$(wildcard targets/keel/fs/*.h)

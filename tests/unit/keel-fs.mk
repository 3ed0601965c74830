# SPDX-License-Identifier: Apache-2.0
# keel's files on the host, under ASan and UBSan, with images of mkfs.erofs.
KEEL_FS_SRC = $(KEEL_FS_HOST) \
	$(addprefix targets/keel/sys/,fdio.c fdtable.c file.c filecopy.c \
	fileattr.c stat.c fstat.c filesync.c dirs.c poll.c wait.c pipe.c)
KEEL_FS_TEST = $(B)/tests/unit/keel-fs $(B)/tests/unit/keel-fs-random
KEEL_FS_CFLAGS = -std=gnu11 $(WARN) -O1 -g -ffreestanding -D_GNU_SOURCE \
	-Itests/unit \
	-iquote targets/keel -I$(KEEL_B)/gen \
	-fsanitize=address,undefined -fno-sanitize-recover=all

$(KEEL_FS_TEST): $(B)/tests/unit/%: tests/unit/%.c $(KEEL_FS_FAKE) \
		tests/unit/keel-fs-tree.c $$(wildcard tests/unit/keel-fs-*.h) $$(KEEL_FS_SRC) \
		$(KEEL_B)/gen/sys/proto.h $$(wildcard targets/keel/fs/*.h)
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(KEEL_FS_CFLAGS) -o $@ $(filter %.c,$^)

TEST_DEPS += $(KEEL_FS_TEST)
TESTS += tests/unit/keel-fs.t

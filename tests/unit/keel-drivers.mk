# SPDX-License-Identifier: Apache-2.0
# keel's drivers on the host, under ASan and UBSan, against fake devices.
KEEL_UNIT_CFLAGS = -std=gnu11 $(WARN) -O1 -g -D_GNU_SOURCE -Itests/unit \
	-iquote targets/keel -fsanitize=address,undefined -fno-sanitize-recover=all \
	-MMD -MP
KEEL_UNIT = keel-virtq keel-gpt keel-blk keel-console keel-random keel-mmio
KEEL_D = targets/keel/drivers

keel-virtq_SRC = $(KEEL_D)/virtq.c $(KEEL_D)/virtio.c
keel-gpt_SRC = $(KEEL_D)/gpt.c
keel-blk_SRC = $(addprefix $(KEEL_D)/,virtq.c virtio.c virtio_blk.c gpt.c \
	block.c)
keel-console_SRC = $(addprefix $(KEEL_D)/,virtq.c virtio.c channel.c \
	console.c console_tty.c console_tx.c virtio_console.c) \
	tests/unit/keel-launcher.c
keel-mmio_SRC = $(addprefix $(KEEL_D)/,virtq.c virtio.c virtio_mmio.c \
	virtio_rng.c)

$(KEEL_UNIT:%=$(B)/tests/unit/%): $(B)/tests/unit/%: tests/unit/%.c \
		tests/unit/keel-fake.c tests/unit/keel-fake.h \
		$$($$*_SRC) $$(wildcard $(KEEL_D)/*.h)
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(KEEL_UNIT_CFLAGS) -MF $@.d -o $@ \
		$(filter %.c,$^)

TEST_DEPS += $(KEEL_UNIT:%=$(B)/tests/unit/%)
TESTS += $(KEEL_UNIT:%=$(B)/tests/unit/%) tests/unit/keel-console-small.t

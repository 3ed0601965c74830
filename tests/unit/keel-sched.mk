# SPDX-License-Identifier: Apache-2.0
# keel's timers on the host, under ASan and UBSan.
KEEL_TIMER_TEST = $(B)/tests/unit/keel-timer

$(KEEL_TIMER_TEST): tests/unit/keel-timer.c targets/keel/sched/timer.c \
		$(wildcard targets/keel/sched/*.h)
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) -std=gnu11 $(WARN) -O1 -g -D_GNU_SOURCE \
		-fsanitize=address,undefined -fno-sanitize-recover=all \
		-iquote targets/keel -o $@ $(filter %.c,$^)

TEST_DEPS += $(KEEL_TIMER_TEST)
TESTS += $(KEEL_TIMER_TEST)

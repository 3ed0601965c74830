# SPDX-License-Identifier: Apache-2.0
$(B)/tests/bench/until: tests/bench/until.c
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(HOST_CFLAGS) -o $@ $<
all: $(B)/tests/bench/until

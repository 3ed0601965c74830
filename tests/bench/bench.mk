# SPDX-License-Identifier: Apache-2.0
$(B)/tests/bench/until: tests/bench/until.c
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(HOST_CFLAGS) -o $@ $<
all: $(B)/tests/bench/until

$(B)/tests/bench/holes: tests/bench/holes.c $(B)/libslipway.a
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(HOST_CFLAGS) -o $@ $< $(B)/libslipway.a \
		$(HOST_LIBS)
all: $(B)/tests/bench/holes

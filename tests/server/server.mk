# SPDX-License-Identifier: Apache-2.0
# Real servers from their templates, on the host and in the guest.
TESTS += tests/server/drain.t tests/server/drain-linux.t tests/server/nginx.t tests/server/redis.t
TEST_DEPS += $(B)/tests/server/idle

$(B)/tests/server/idle: tests/server/idle.c
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(HOST_CFLAGS) -o $@ $<

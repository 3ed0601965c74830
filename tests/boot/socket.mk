# SPDX-License-Identifier: Apache-2.0
# Peers outside the machine talk to a server in it.
$(B)/tests/boot/socket-client: tests/boot/socket-client.c \
		tests/boot/socket-pattern.h
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(HOST_CFLAGS) -o $@ $<

TEST_DEPS += $(B)/tests/boot/socket-client
TESTS += tests/boot/sockets.t

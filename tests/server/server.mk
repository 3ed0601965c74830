# SPDX-License-Identifier: Apache-2.0
# Real servers from their templates, on the host and in the guest.
TESTS += tests/server/drain.t tests/server/drain-linux.t
TESTS += tests/server/nginx.t tests/server/nginx-linux.t tests/server/php.t \
	tests/server/redis.t tests/server/mariadb.t
TEST_DEPS += $(B)/tests/server/idle $(B)/server/php.built

$(B)/tests/server/idle: tests/server/idle.c
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(HOST_CFLAGS) -o $@ $<

# Minutes of compiling, before tests that use it: they have limits of time.
$(B)/server/php.built: templates/php/slipway.json tests/server/php.sh $(STAMP) | all
	@mkdir -p $(@D)
	$(call say,APP,php)SLIPWAY=$(abspath $(B))/bin/slipway \
		B=$(abspath $(B)) tests/server/php.sh
	$(Q)touch $@

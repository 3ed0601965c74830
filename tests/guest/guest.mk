# SPDX-License-Identifier: Apache-2.0
# Guest tests: plain programs that run on the host and in the guest alike.
TESTS += tests/guest/run tests/guest/sqlite.t tests/guest/volume.t \
	tests/guest/volume-kill.t tests/guest/volume-disk.t
TEST_DEPS += $(B)/tests/relink

$(B)/tests/relink: $(B)/obj/tests/guest/tools/relink.o $(B)/libslipway.a
	@mkdir -p $(@D)
	$(call say,LD ,$@)$(CC) $(CFLAGS) $(SAN) -o $@ $^ $(HOST_LIBS)

# SPDX-License-Identifier: Apache-2.0
# Tests of lib/vm: values, and the loop against a QEMU that is none.
VM_TEST = $(B)/tests/unit/vm-fake $(B)/tests/unit/vm-run $(B)/tests/unit/vm \
	$(B)/tests/unit/vm-net $(B)/tests/unit/vm-forward

$(B)/tests/unit/vm-fake: tests/unit/vm-fake.c
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(HOST_CFLAGS) -o $@ $<

$(B)/tests/unit/vm-run: tests/unit/vm-run.c $(B)/libslipway.a
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(HOST_CFLAGS) -o $@ $(filter %.c %.a,$^) \
		$(HOST_LIBS)

$(addprefix $(B)/tests/unit/,vm vm-net vm-forward): $(B)/tests/unit/%: tests/unit/%.c \
		$(B)/libslipway.a
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(HOST_CFLAGS) -o $@ $(filter %.c %.a,$^) \
		-lcmocka $(HOST_LIBS)

TEST_DEPS += $(VM_TEST)
TESTS += tests/unit/vm.t tests/unit/vm-run.t tests/unit/vm-net.t \
	tests/unit/vm-forward.t

-include $(VM_TEST:=.d)

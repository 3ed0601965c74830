# SPDX-License-Identifier: Apache-2.0
# libslipway: sources are added to LIB_SRC by lib/*/*.mk, in reading order.
LIB_OBJ = $(LIB_SRC:%.c=$(B)/obj/%.o)

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC ,$<)$(CC) $(HOST_CFLAGS) -c -o $@ $<

$(B)/libslipway.a: $$(LIB_OBJ)
	@rm -f $@
	$(call say,AR ,$@)$(AR) rcsD $@ $(LIB_OBJ)

-include $(wildcard $(B)/obj/*/*.d $(B)/obj/*/*/*.d)

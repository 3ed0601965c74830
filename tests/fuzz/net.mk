# SPDX-License-Identifier: Apache-2.0
# Fuzzers of the network: from the card on, and from the virtqueue on. The
# stack is compiled with its assertions, and without checksums of IP and ICMP,
# so that inputs need none.
NET_FUZZ_C = $(NET_SRC) \
	$(NET_DRIVER:%=targets/keel/%.c) targets/keel/drivers/virtq.c \
	targets/keel/drivers/virtio.c
NET_FUZZ_OBJ = $(LWIP_PARTS:%=$(B)/fuzz/net/lwip/%.o) \
	$(NET_FUZZ_C:targets/keel/%.c=$(B)/fuzz/net/%.o) \
	$(B)/fuzz/net/net-host.o $(B)/fuzz/net/net-play.o
NET_FUZZ_CFLAGS = $(filter-out -Ilib,$(FUZZ_CFLAGS)) -ffreestanding \
	-DNET_LWIP_ASSERT -DCHECKSUM_CHECK_IP=0 -DCHECKSUM_CHECK_ICMP=0 \
	-DCHECKSUM_CHECK_ICMP6=0 -isystem $(LWIP_SRC)/include \
	-iquote targets/keel -Itargets/keel/net -Itargets/keel -MMD -MP

$(LWIP_PARTS:%=$(B)/fuzz/net/lwip/%.o): $(B)/fuzz/net/lwip/%.o: \
		$(LWIP)/src/.stamp targets/keel/net/lwipopts.h
	@mkdir -p $(@D)
	$(call say,FUZZ,lwip $*.c)$(FUZZ_CC) $(NET_FUZZ_CFLAGS) -w $(LWIP_FLAGS_$*) \
		-Itargets/keel/net/shim 		-c -o $@ $(LWIP_SRC)/$*.c
$(B)/fuzz/net/net-%.o: tests/fuzz/net-%.c $(LWIP)/src/.stamp
	@mkdir -p $(@D)
	$(call say,FUZZ,$<)$(FUZZ_CC) $(NET_FUZZ_CFLAGS) -c -o $@ $<
$(B)/fuzz/net/%.o: targets/keel/%.c $(LWIP)/src/.stamp
	@mkdir -p $(@D)
	$(call say,FUZZ,$<)$(FUZZ_CC) $(NET_FUZZ_CFLAGS) -c -o $@ $<

FUZZERS += netif virtnet
FUZZ_CFLAGS_netif = $(filter-out $(FUZZ_CFLAGS),$(NET_FUZZ_CFLAGS))
FUZZ_CFLAGS_virtnet = $(FUZZ_CFLAGS_netif)
FUZZ_LIBS_netif = $(NET_FUZZ_OBJ)
FUZZ_LIBS_virtnet = $(NET_FUZZ_OBJ)
$(B)/fuzz/netif $(B)/fuzz/virtnet: $(NET_FUZZ_OBJ) tests/fuzz/net-host.h

-include $(NET_FUZZ_OBJ:.o=.d)

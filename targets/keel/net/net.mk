# SPDX-License-Identifier: Apache-2.0
# keel: the network. lwIP's sources are fetched, unchanged, and compiled with
# our options; nothing of it is linked into a program without sockets.
NET_SRC = $(addprefix targets/keel/net/,stack.c timers.c card.c checksum.c \
	isn.c route.c config.c offload.c tcp_table.c tcp_large.c)
NET_DRIVER = $(addprefix drivers/,virtio_net virtio_net_rx virtio_net_tx)
KEEL_SRC += $(NET_SRC) targets/keel/net/proc.c \
	$(NET_DRIVER:%=targets/keel/%.c)

LWIP = $(B)/lwip
LWIP_SRC = $(LWIP)/src/src
LWIP_PARTS = $(addprefix core/,def inet_chksum ip mem memp netif pbuf raw tcp \
	tcp_in tcp_out udp) \
	$(addprefix core/ipv4/,dhcp etharp icmp igmp ip4 ip4_addr ip4_frag) \
	$(addprefix core/ipv6/,ethip6 icmp6 ip6 ip6_addr ip6_frag mld6 nd6) \
	netif/ethernet
LWIP_OBJ = $(LWIP_PARTS:%=$(KEEL_B)/obj/net/lwip/%.o)
KEEL_MORE_OBJ += $(LWIP_OBJ)

# Headers of lwIP, and what its sources find as those of a C library.
LWIP_CFLAGS = -isystem $(LWIP_SRC)/include -Itargets/keel/net
LWIP_QUIET = -Wno-address -Wno-cast-qual -Wno-shadow -Wno-unused-parameter \
	-Wno-type-limits -Wno-array-bounds -Wno-missing-prototypes

$(LWIP)/src/.stamp: targets/sources/fetch.sh
	@rm -rf $(LWIP)/src
	$(call say,SRC,lwip)targets/sources/fetch.sh lwip $(LWIP)/src
	@touch $@
# Objects of an earlier build name its files, which are gone meanwhile.
$(LWIP)/src/src/%: $(LWIP)/src/.stamp ;

# For an image's list of parts, beside musl's.
all: $(L)/sysroot/x86_64-keel/sources/lwip/source.dsc
$(L)/sysroot/x86_64-keel/sources/lwip/source.dsc: $(LWIP)/src/.stamp
	@mkdir -p $(@D)
	$(Q)cp $(LWIP)/src/debian/copyright $(@D)/ && \
		cp $(LWIP)/src/debian/source.dsc $@

# What is run for each packet is compiled for speed.
NET_FAST = $(addprefix net/lwip/core/,inet_chksum memp pbuf tcp_in tcp_out \
	ipv4/ip4 ipv6/ethip6 ipv6/ip6) net/lwip/netif/ethernet \
	net/card net/checksum net/offload net/tcp_table net/tcp_large \
	$(NET_DRIVER)
$(NET_FAST:%=$(KEEL_B)/obj/%.o): KEEL_CFLAGS += -O2
$(KEEL_B)/obj/net/%.o $(NET_DRIVER:%=$(KEEL_B)/obj/%.o) \
$(B)/tidy/targets/keel/net/%.log \
$(NET_DRIVER:%=$(B)/tidy/targets/keel/%.c.log): KEEL_CFLAGS += $(LWIP_CFLAGS)

# What net/tcp_table.c and net/tcp_large.c stand in for.
LWIP_FLAGS_core/tcp = $(foreach f,close shutdown abort abandon connect fasttmr slowtmr \
	tmr txnow netif_ip_addr_changed,-Dtcp_$f=lwip_tcp_$f)
LWIP_FLAGS_core/tcp_in = -Dtcp_input=lwip_tcp_input
LWIP_FLAGS_core/tcp_out = -Dtcp_output=lwip_tcp_output \
	-Dtcp_rexmit_rto_commit=lwip_tcp_rexmit_rto_commit
LWIP_FLAGS_core/ipv6/nd6 = \
	-Dnd6_get_destination_mtu=lwip_nd6_get_destination_mtu

$(LWIP_OBJ): $(KEEL_B)/obj/net/lwip/%.o: $(LWIP)/src/.stamp targets/keel/net/net.mk \
		targets/keel/net/lwipopts.h targets/keel/net/arch/cc.h
	@mkdir -p $(@D)
	$(call say,CC ,lwip $*.c)$(KEEL_CC) $(KEEL_CFLAGS) $(LWIP_QUIET) \
		$(LWIP_FLAGS_$*) \
		-Itargets/keel/net/shim \
		-fmacro-prefix-map=$(LWIP)/src/=lwip/ \
		-c -o $@ $(LWIP_SRC)/$*.c

$(patsubst %.c,$(KEEL_B)/obj/%.o,$(patsubst targets/keel/%,%,\
	$(filter targets/keel/net/%,$(KEEL_SRC)))) \
	$(NET_DRIVER:%=$(KEEL_B)/obj/%.o): $(LWIP)/src/.stamp

# SPDX-License-Identifier: Apache-2.0
# keel: sockets of AF_UNIX and AF_NETLINK.
NET_UNIX = unix unix_name unix_buf unix_stream unix_packet unix_rights \
	unix_state netlink netlink_route
KEEL_SRC += $(NET_UNIX:%=targets/keel/net/%.c)
# They include headers of lwIP, by way of net/inet.h.
$(NET_UNIX:%=$(KEEL_B)/obj/net/%.o): $(B)/lwip/src/.stamp

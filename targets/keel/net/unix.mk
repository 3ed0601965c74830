# SPDX-License-Identifier: Apache-2.0
# keel: sockets of AF_UNIX and AF_NETLINK.
KEEL_SRC += $(addprefix targets/keel/net/,unix.c unix_name.c unix_buf.c \
	unix_stream.c unix_packet.c unix_rights.c unix_state.c \
	netlink.c netlink_route.c)

# SPDX-License-Identifier: Apache-2.0
# keel: sockets of AF_UNIX.
KEEL_SRC += $(addprefix targets/keel/net/,unix.c unix_name.c unix_buf.c \
	unix_stream.c unix_packet.c unix_rights.c)

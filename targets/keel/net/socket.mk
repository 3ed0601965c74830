# SPDX-License-Identifier: Apache-2.0
# keel: what all families of sockets share, and the calls.
KEEL_SRC += $(addprefix targets/keel/net/,socket.c socket_msg.c publish.c \
	socket_options.c)
KEEL_SRC += targets/keel/sys/socket.c targets/keel/sys/socket_msg.c

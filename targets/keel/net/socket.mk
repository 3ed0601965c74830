# SPDX-License-Identifier: Apache-2.0
# keel: sockets: what all families share, the calls, AF_INET and AF_INET6.
KEEL_SRC += $(addprefix targets/keel/net/,socket.c socket_msg.c publish.c \
	socket_options.c inet.c inet_options.c inet_group.c \
	inet_ioctl.c inet_icmp.c inet_tcp.c inet_tcp_connect.c \
	inet_tcp_listen.c inet_tcp_recv.c inet_tcp_send.c inet_tcp_options.c \
	tcp_pages.c inet_dgram.c \
	inet_dgram_send.c inet_udp.c inet_raw.c finish.c drain.c)
KEEL_SRC += targets/keel/sys/socket.c targets/keel/sys/socket_msg.c

# Their headers come with lwIP's source; net.mk names the rest.
$(patsubst targets/keel/%.c,$(KEEL_B)/obj/%.o,\
	$(wildcard targets/keel/net/inet*.c targets/keel/net/tcp_pages.c \
	targets/keel/net/finish.c targets/keel/net/drain.c)): \
	$(LWIP)/src/.stamp

# What is run for each message is compiled for speed.
$(addprefix $(KEEL_B)/obj/,net/socket.o net/socket_msg.o net/inet_tcp_recv.o \
	net/inet_tcp_send.o net/tcp_pages.o sys/socket_msg.o): KEEL_CFLAGS += -O2

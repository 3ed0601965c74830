# SPDX-License-Identifier: Apache-2.0
# lib/vm: boot record, vm.json, QEMU's command, the channel, the loop.
LIB_SRC += lib/vm/record.c lib/vm/config.c lib/vm/plan.c lib/vm/volume.c lib/vm/claim.c \
	lib/vm/limit.c lib/vm/fit.c \
	lib/vm/kvm.c lib/vm/tty.c lib/vm/output.c lib/vm/channel.c \
	lib/vm/machine.c lib/vm/tail.c lib/vm/ask.c lib/vm/serve.c lib/vm/run.c \
	lib/vm/netlink.c lib/vm/netscan.c lib/vm/net.c lib/vm/netfiles.c \
	lib/vm/publish.c lib/vm/monitor.c lib/vm/relay.c lib/vm/relay_udp.c \
	lib/vm/forward.c lib/vm/unsent.c lib/vm/flush.c lib/vm/takeover.c

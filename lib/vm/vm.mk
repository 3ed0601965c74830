# SPDX-License-Identifier: Apache-2.0
# lib/vm: boot record, vm.json, QEMU's command, the channel, the loop.
LIB_SRC += lib/vm/record.c lib/vm/config.c lib/vm/plan.c lib/vm/limit.c lib/vm/fit.c \
	lib/vm/kvm.c lib/vm/tty.c lib/vm/output.c lib/vm/channel.c \
	lib/vm/machine.c lib/vm/tail.c lib/vm/serve.c lib/vm/run.c

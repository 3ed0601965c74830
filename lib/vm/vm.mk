# The machine: boot record, vm.json, QEMU, the channel.
LIB_SRC += $(wildcard lib/vm/record.c lib/vm/config.c lib/vm/plan.c \
	lib/vm/limit.c lib/vm/kvm.c lib/vm/tty.c lib/vm/machine.c \
	lib/vm/channel.c lib/vm/run.c)

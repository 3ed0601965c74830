# SPDX-License-Identifier: Apache-2.0
# keel: the CPU (page tables and user copies are of mm).
KEEL_SRC += $(addprefix targets/keel/arch/x86_64/,entry.S start.c unpack.c \
	handover.c initrd.c \
	cpu.c gates.S trap.c string.S signal.c \
	signal_fpu.c signal_xsave.S stacks.S switch.c clone.S)

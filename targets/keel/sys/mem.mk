# SPDX-License-Identifier: Apache-2.0
# System calls of memory.
KEEL_SRC += $(addprefix targets/keel/sys/,mem.c mem_advise.c mem_lock.c)

# SPDX-License-Identifier: Apache-2.0
ifneq ($(and $(wildcard lib/toolchain/relink.c),$(wildcard lib/toolchain/compile.c),$(wildcard lib/image/vmm.c)),)
SLIPWAY_CMD_SRC += cmd/slipway/build.c
else
LDFLAGS += -Wl,--unresolved-symbols=ignore-all
endif

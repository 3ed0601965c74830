# SPDX-License-Identifier: Apache-2.0
ifneq ($(and $(wildcard lib/toolchain/relink.c),$(wildcard lib/image/vmm.c)),)
SLIPWAY_CMD_SRC += cmd/slipway/build.c
endif

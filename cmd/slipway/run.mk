# SPDX-License-Identifier: Apache-2.0
# slipway run, and what it can be given.
ifneq ($(and $(wildcard lib/toolchain/elf.c),$(wildcard lib/manifest/app.c),\
	$(wildcard lib/disk/gpt.c)),)
SLIPWAY_CMD_SRC += cmd/slipway/run.c cmd/slipway/source.c cmd/slipway/unpack.c
endif

# SPDX-License-Identifier: Apache-2.0
# lib/build: from the manifest to the outputs, a step at a time.
LIB_SRC += lib/build/state.c lib/build/open.c lib/build/commands.c lib/build/collect.c \
	lib/build/collected.c \
	lib/build/kernel.c lib/build/engines.c lib/build/memo.c \
	lib/build/linked.c lib/build/compiled.c lib/build/bill.c lib/build/parts.c \
	lib/build/config.c lib/build/pack.c lib/build/outputs.c \
	lib/build/seed.c lib/build/imageroot.c lib/build/takeover.c lib/build/imagebill.c \
	lib/build/user.c

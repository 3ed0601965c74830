# SPDX-License-Identifier: Apache-2.0
# slipway run, and what it can be given.
SLIPWAY_CMD_SRC += cmd/slipway/run.c cmd/slipway/source.c cmd/slipway/unpack.c

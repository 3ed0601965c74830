# SPDX-License-Identifier: Apache-2.0
SLIPWAY_CMD_SRC += cmd/slipway/inspect.c cmd/slipway/differ.c \
	cmd/slipway/show.c

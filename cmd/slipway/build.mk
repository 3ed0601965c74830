# SPDX-License-Identifier: Apache-2.0
SLIPWAY_CMD_SRC += cmd/slipway/build.c cmd/slipway/open.c \
	cmd/slipway/output.c cmd/slipway/summary.c cmd/slipway/verify.c

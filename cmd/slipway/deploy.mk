# SPDX-License-Identifier: Apache-2.0
SLIPWAY_CMD_SRC += cmd/slipway/deploy.c

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same readers on an image that `slipway build` made.
ACCEPT=build exec tests/docker/accept.t

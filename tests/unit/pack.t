#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the unit tests of lib/toolchain/pack.h.
exec timeout 60 "$B/tests/unit/pack"

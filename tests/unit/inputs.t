#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the unit tests of what objects tell of their sources.
exec timeout 60 "$B/tests/unit/inputs"

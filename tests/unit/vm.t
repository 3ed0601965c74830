#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the unit tests of lib/vm.
exec timeout 60 "$B/tests/unit/vm"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the unit tests of lib/vm's forwarding.
exec timeout 120 "$B/tests/unit/vm-forward"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the unit tests of lib/image.
exec timeout 60 "$B/tests/unit/image"

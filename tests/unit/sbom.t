#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the unit tests of lib/sbom.
exec timeout 60 "$B/tests/unit/sbom"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The console as a port, on a machine of 2 MiB: small rings.
exec "$B/tests/unit/keel-console" small port

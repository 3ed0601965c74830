#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the unit tests of lib/core.
timeout 60 "$B/tests/unit/core" >"$B/tests/unit/core.tap"
a=$?
timeout 60 "$B/tests/unit/core-files" >"$B/tests/unit/core-files.tap"
b=$?
# Two plans cannot be in one stream: count the cases through.
cat "$B/tests/unit/core.tap" "$B/tests/unit/core-files.tap" | awk '
	/^(not )?ok [0-9]+/ { n++; sub(/ok [0-9]+/, "ok " n) }
	!/^1\.\.|^TAP version/ { print }
	END { print "1.." n }'
[ $a = 0 ] && [ $b = 0 ]

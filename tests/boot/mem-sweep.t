#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every size of memory from 1 to 64 MiB: hello runs, or it says how much it
# needs. It never hangs.
set -u
B=${B:-build}
SLIPWAY=${SLIPWAY:-$B/bin/slipway}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP

if ! { "$(dirname "$SLIPWAY")/x86_64-keel-cc" -O2 -o "$dir/hello" \
	templates/hello/main.c &&
	"$B/tests/relink" "$dir/hello" "$dir/hello.kernel"; } \
	>"$dir/log" 2>&1; then
	sed 's/^/# /' "$dir/log"
	echo "Bail out! the program cannot be built"
	exit 1
fi

runs=0
echo 1..66
for mib in $(seq 1 64); do
	timeout 20 "$SLIPWAY" run --accel tcg -m "${mib}M" \
		"$dir/hello.kernel" </dev/null >"$dir/out" 2>"$dir/err"
	status=$?
	need=$(sed -n 's/.*not enough memory.* \([0-9]*\) MiB needed.*/\1/p' \
		"$dir/err")
	if [ $status = 0 ] &&
		[ "$(cat "$dir/out")" = "Hello from a unikernel." ]; then
		runs=$((runs + 1))
		[ $runs = 1 ] && first=$mib
		echo "ok $mib - $mib MiB: it runs"
	elif { [ $status = 1 ] || [ $status = 125 ]; } && [ "${need:-0}" -gt "$mib" ] &&
		[ $runs = 0 ]; then
		said=$need
		echo "ok $mib - $mib MiB: $need MiB are needed, it says"
	else
		echo "not ok $mib - $mib MiB: status $status"
		cat "$dir/out" "$dir/err" | sed 's/^/# /'
	fi
done

if [ "${first:-99}" -le 2 ]; then
	echo "ok 65 - 2 MiB are enough"
else
	echo "not ok 65 - 2 MiB are enough"
fi
if [ "${said:-$first}" = "${first:-99}" ]; then
	echo "ok 66 - what it says it needs is enough"
else
	echo "not ok 66 - what it says it needs is enough"
	echo "# it said $said, and ran with ${first:-nothing}"
fi

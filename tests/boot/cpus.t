#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Several processors on base `linux`, and one on keel.
# shellcheck disable=SC2015
set -u
. tests/tap.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp tests/boot/cpus.c "$dir/main.c"
manifest() { # TARGET CPUS
	cat >"$dir/slipway.json" <<END
{"name": "cpus", "target": "$1", "sources": ["main.c"], "cflags": ["-D_GNU_SOURCE"], "cpus": $2}
END
}
manifest x86_64-linux 2
timeout 300 "$SLIPWAY" build "$dir" --output type=disk,dest="$dir/disk.img" \
	>"$dir/log" 2>&1 || sed 's/^/# /' "$dir/log"
sees() { # NAME N ARG...
	name=$1 count=$2
	shift 2
	timeout 300 "$SLIPWAY" run "$dir" "$@" >"$dir/out" 2>&1 </dev/null
	report "$name" "$({
		echo "$count processors, $count online"
		for i in $(seq 0 $((count - 1))); do echo "a thread on $i"; done
	} | diff - "$dir/out")"
}
sees "the processors of the manifest, all at once" 2
sees "others by --cpus" 3 --cpus 3
report "more than the base can use by --cpus" "$(
	"$SLIPWAY" run --cpus 65 "$dir" >"$dir/out" 2>&1
	[ $? = 2 ] && grep -q 'its base can use 64' "$dir/out" ||
		wrong "$dir/out")"
manifest x86_64-keel 2
report "more than the base can use in a manifest" "$(
	"$SLIPWAY" build "$dir" >"$dir/out" 2>&1
	[ $? = 2 ] && grep -q 'error: cpus: target x86_64-keel can use 1 \[cpus-max\]' \
		"$dir/out" || wrong "$dir/out")"
echo "1..$n"

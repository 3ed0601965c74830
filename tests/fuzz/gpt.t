#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fuzzes keel's GPT reader for a minute (FUZZ_SECONDS) from a real table.
set -eu
seconds=${FUZZ_SECONDS:-60}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
echo 1..1
mkdir "$dir/corpus"
truncate -s 102400 "$dir/disk"
sgdisk -a 1 -n 1:34:50 -n 2:60:80 -n 9:90:90 "$dir/disk" >/dev/null
for flags in 0 1 3; do
	{
		# shellcheck disable=SC2059
		printf "\\00$flags"
		tail -c +513 "$dir/disk"
	} >"$dir/corpus/$flags"
done
if timeout $((seconds + 60)) "$B/tests/fuzz/gpt" -max_total_time="$seconds" \
	-max_len=102401 -artifact_prefix="$dir/" -print_final_stats=1 \
	"$dir/corpus" >"$dir/log" 2>&1; then
	grep -E '^stat::number_of_executed|^Done' "$dir/log" | sed 's/^/# /'
	echo "ok 1 - the GPT reader survives $seconds s of fuzzing"
else
	tail -n 40 "$dir/log" | sed 's/^/# /'
	for f in "$dir"/crash-* "$dir"/timeout-* "$dir"/oom-*; do
		[ ! -f "$f" ] || gzip -c "$f" | base64 | sed 's/^/# /'
	done
	echo "not ok 1 - the GPT reader survives $seconds s of fuzzing"
	exit 1
fi

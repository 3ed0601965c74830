#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the fuzzers of what users write for FUZZ_SECONDS (60), the others for
# half of it, as many at once as processors. FUZZ_SEED (1) is where they begin:
# what a run finds is then of the change, not of the day; 0 is another each
# time.
set -u
dir=$B/fuzz
seconds_of() { # NAME
	case $1 in
	elf | manifest) echo "${FUZZ_SECONDS:-60}" ;;
	*) echo $((${FUZZ_SECONDS:-60} / 2)) ;;
	esac
}

# One fuzzer in its own folder: NAME SEED...
if [ "${1-}" = --one ]; then
	name=$2
	seconds=$(seconds_of "$name")
	shift 2
	corpus=$dir/$name.corpus
	mkdir -p "$corpus" "$dir/$name.found"
	rm -f "$dir/$name.status" "$dir/$name.log"
	for seed; do
		find "$seed" -type f -size -64k | while read -r f; do
			cp "$f" "$corpus/seed-$(basename "$f")"
		done
	done
	set -- -seed="${FUZZ_SEED:-1}" -max_total_time="$seconds" \
		-timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$dir/$name.found/"
	if [ -e "tests/fuzz/$name.dict" ]; then
		set -- "$@" -dict="tests/fuzz/$name.dict"
	fi
	timeout -k 5 $((seconds + 120)) "$dir/$name" "$@" "$corpus" \
		>"$dir/$name.log" 2>&1
	echo $? >"$dir/$name.status"
	exit 0
fi

echo "1..$(wc -l <"$dir/list")"
# The names are plain words: one line is one command's arguments.
xargs -P "$(nproc)" -L 1 "$0" --one <"$dir/list"
n=0
while read -r name _; do
	n=$((n + 1))
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' \
		"$dir/$name.log")
	if [ "$(cat "$dir/$name.status")" = 0 ] && [ "${runs:-0}" -gt 0 ]; then
		echo "ok $n - $name, $(seconds_of "$name") s, $runs inputs"
	else
		echo "not ok $n - $name"
		tail -n 40 "$dir/$name.log" | sed 's/^/# /'
	fi
done <"$dir/list"

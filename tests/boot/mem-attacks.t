#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Programs that break the rules of memory end with the signal that Linux
# sends, and with a backtrace; two boots have nothing in the same place.
set -u
. tests/tap.sh
B=${B:-build}
SLIPWAY=${SLIPWAY:-$B/bin/slipway}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP

run() { # ARG...
	timeout 60 "$SLIPWAY" run --accel tcg -m 64M "$dir/attack.kernel" -- \
		"$@" </dev/null >"$dir/out" 2>"$dir/err"
	status=$?
}
said() {
	echo "status $status"
	cat "$dir/out" "$dir/err"
}
# Output is empty; standard error names the signal and where.
dies() { # STATUS SIGNAL FRAME ATTACK
	run "$4"
	report "$4: $2" "$(
		if [ "$status" != "$1" ] || [ -s "$dir/out" ] ||
			! grep -q "signal.* $2\\b" "$dir/err" ||
			! grep -Eq "#[0-9]+ .*$3" "$dir/err"; then
			said
		fi
	)"
}

if ! { "$(dirname "$SLIPWAY")/x86_64-keel-cc" -O1 -Wno-infinite-recursion \
	-o "$dir/attack" tests/boot/mem-attack.c &&
	"$B/tests/relink" "$dir/attack" "$dir/attack.kernel"; } \
	>"$dir/log" 2>&1; then
	sed 's/^/# /' "$dir/log"
	echo "Bail out! the program cannot be built"
	exit 1
fi

dies 139 SEGV write_to write-code
dies 139 SEGV write_to write-libc-code
dies 139 SEGV write_to write-rodata
dies 139 SEGV 0x execute-data
dies 139 SEGV 0x execute-bss
dies 139 SEGV 0x execute-rodata
dies 139 SEGV 0x execute-heap
dies 139 SEGV 0x execute-map
dies 139 SEGV 0x execute-stack
dies 139 SEGV 0x jump-null
dies 139 SEGV read_null read-null
dies 139 SEGV write_to write-near-null
dies 139 SEGV 0x jump-wild
dies 139 SEGV read_wild read-wild
dies 139 SEGV read_unmapped read-unmapped
dies 139 SEGV read_high_half read-high-half
dies 139 SEGV __stack_chk_fail smash-stack
dies 139 SEGV deeper run-off-stack
dies 139 SEGV write_below_stack write-below-stack
dies 139 SEGV run_off_guard run-off-guard
dies 139 SEGV run_off_heap run-off-heap
dies 139 SEGV write_to use-after-unmap
dies 139 SEGV write_to write-read-only
dies 139 SEGV write_to write-executable
dies 135 BUS past_file past-file
dies 136 FPE divide divide
dies 132 ILL undefined undefined
dies 134 ABRT raise abort

run eat-memory
report "eat-memory: killed when memory ends" "$(
	if [ "$status" != 137 ] || ! grep -q "out of memory" "$dir/err"; then
		said
	fi
)"

run layout
cp "$dir/out" "$dir/first"
[ "$status" = 0 ] || said | sed 's/^/# /'
run layout
for what in code stack heap map canary; do
	a=$(grep "^$what " "$dir/first") b=$(grep "^$what " "$dir/out")
	report "two boots differ: $what" "$(
		if [ -z "$a" ] || [ "$a" = "$b" ]; then
			echo "$a, $b"
		fi
	)"
done
echo "1..$n"

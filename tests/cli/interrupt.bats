#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A build that is ended by a signal ends its commands and leaves no
# temporary files; -v prints what can be pasted.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	export TMPDIR=$BATS_TEST_TMPDIR/tmp SLIPWAY_CACHE=off
	mkdir -p tmp x
	# The command's own process is found by this number.
	seconds=$((30000 + RANDOM))
	cat >x/slipway.json <<-EOF
	{"name": "x", "target": "x86_64-keel",
	 "build": {"commands": [["sleep", "$seconds"]], "program": "x"}}
	EOF
}

is_running() {
	grep -qxz "$seconds" /proc/[0-9]*/cmdline 2>/dev/null
}

wait_until() {
	for _ in $(seq 100); do
		"$@" && return 0
		sleep 0.1
	done
	return 1
}

for_signal() { # NAME NUMBER
	# In an interactive shell's place: with SIGINT not ignored.
	env --default-signal="$1" "$SLIPWAY" build -q x 3>&- &
	pid=$!
	wait_until is_running
	kill -s "$1" $pid
	status=0
	wait $pid || status=$?
	[ "$status" -eq $((128 + $2)) ]
	stopped() { ! is_running; }
	wait_until stopped
	[ -z "$(ls -A tmp)" ]
	[ -z "$(find x -name '.*.??????')" ]
	[ ! -e x/build/x.tar ]
}

@test "SIGINT ends the build and its command, nothing is left" {
	for_signal INT 2
}

@test "SIGTERM ends the build and its command, nothing is left" {
	for_signal TERM 15
}

@test "a build can follow an interrupted one" {
	for_signal TERM 15
	rm x/slipway.json
	printf '%s\n' 'int main(void) { return 0; }' >x/main.c
	echo '{"name": "x", "target": "x86_64-keel", "sources": ["main.c"]}' \
		>x/slipway.json
	run "$SLIPWAY" build -q x
	[ "$status" -eq 0 ]
	[ -e x/build/x.tar ]
}

@test "-v prints commands that do the same when they are pasted" {
	mkdir 'a b'
	printf '%s\n' '#include <stdio.h>' \
		'int main(void) { return puts(MSG) < 0; }' >'a b/main.c'
	echo '{"name": "x", "target": "x86_64-keel", "sources": ["main.c"],
	 "cflags": ["-DMSG=\"it'"'"'s $HOME\""]}' >'a b/slipway.json'
	run --separate-stderr "$SLIPWAY" build -v 'a b'
	[ "$status" -eq 0 ]
	line=$(grep -m1 -e '-cc .* -c main.c' <<<"$stderr")
	object=$(find 'a b/build' -name 'main.c.o')
	cp "$object" before
	rm "$object"
	sh -c "$line"
	cmp before "$object"
	strings "$object" | grep -qxF "it's \$HOME"
}

@test "without a terminal each step is a plain line" {
	rm x/slipway.json
	printf '%s\n' 'int main(void) { return 0; }' >x/main.c
	echo '{"name": "x", "target": "x86_64-keel", "sources": ["main.c"]}' \
		>x/slipway.json
	# Not by `run`, which takes white space off.
	"$SLIPWAY" build x 2>steps
	[ "$(head -n 1 steps)" = "  compile main.c" ]
	[ -z "$(tr -d '[:print:]\n' <steps)" ]
}

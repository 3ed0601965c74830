#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Signals from outside, and programs that die of their own.
set -u

SLIPWAY=${SLIPWAY:-build/bin/slipway}
B=${B:-build}
export SLIPWAY_LIB="${SLIPWAY_LIB:-$(dirname "$SLIPWAY")/../lib/slipway}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP
n=0

report() { # NAME PROBLEM: ok if the problem is empty
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		printf '%s\n' "$2" | sed 's/^/# /'
	fi
}

if ! { "$(dirname "$SLIPWAY")/x86_64-keel-cc" -O1 -g -o "$dir/program" \
	tests/boot/signal-program.c &&
	"$B/tests/relink" "$dir/program" "$dir/kernel"; } >"$dir/log" 2>&1; then
	sed 's/^/# /' "$dir/log"
	echo "Bail out! the program cannot be built"
	exit 1
fi

# HOW SIGNAL...: what it says then, and its status; each signal is sent when
# the program has said one more line ("later": a second later).
run() {
	how=$1
	shift
	: >"$dir/out" # now: the lines of the last one are not this one's
	timeout --foreground 60 "$SLIPWAY" run --accel tcg "$dir/kernel" -- "$how" \
		>"$dir/out" 2>"$dir/err" </dev/null &
	pid=$!
	lines=0
	for s; do
		if [ "$s" = later ]; then
			sleep 1
			continue
		fi
		lines=$((lines + 1))
		[ $lines = 4 ] && lines=3
		for _ in $(seq 300); do
			[ "$(wc -l <"$dir/out")" -ge $lines ] && break
			sleep 0.1
		done
		# timeout(1) hands it on.
		kill -s "$s" $pid
	done
	wait $pid
	echo "status $?" >>"$dir/out"
}
says() { # TEXT: all that it said
	[ "$(cat "$dir/out")" = "$1" ] || cat "$dir/out" "$dir/err"
}

run handler TERM
report "SIGTERM reaches a handler" "$(says "ready
signal 15
status 3")"
run interrupt INT
report "SIGINT reaches a handler" "$(says "ready
signal 2
status 3")"
run wait TERM
report "SIGTERM is taken by sigwaitinfo" "$(says "ready
signal 15
status 4")"
run fd TERM
report "SIGTERM is read from a signalfd" "$(says "ready
signal 15
status 4")"
run slowly TERM
report "a program has time to end" "$(says "ready
done
status 0")"
run never HUP HUP TERM later TERM
report "SIGHUP does not end it, a second SIGTERM does" "$(says "ready
on
on
status 143")"

mkdir "$dir/app"
cp tests/boot/signal-program.c "$dir/app/main.c"
cat >"$dir/app/slipway.json" <<END
{
	"name": "stubborn",
	"target": "x86_64-keel",
	"sources": ["main.c"],
	"args": ["never"],
	"stop_timeout": 1
}
END
: >"$dir/out"
timeout --foreground 60 "$SLIPWAY" run --accel tcg "$dir/app" \
	>"$dir/out" 2>"$dir/err" </dev/null &
pid=$!
for _ in $(seq 300); do
	grep -q ready "$dir/out" && break
	sleep 0.1
done
at=$(date +%s)
kill $pid
wait $pid
status=$?
report "stop_timeout of the manifest ends one that does not" "$(
	{ [ $status = 143 ] && [ $(($(date +%s) - at)) -lt 9 ]; } ||
		cat "$dir/out" "$dir/err"
)"

for how in fault blocked reset ignored stack return units; do
	run $how
	report "a fault is the end: $how" "$(
		{ grep -q "status 139" "$dir/out" && grep -q \
			"killed by signal 11 SEGV" "$dir/err"; } ||
			cat "$dir/out" "$dir/err"
	)"
done
echo "1..$n"

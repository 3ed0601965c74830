#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The loop between a guest and our descriptors, with a QEMU that is none: see
# vm-fake.c for the orders that the "guest" obeys.
set -u
. tests/tap.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# Runs the orders; stdout, stderr and status are in $dir.
vm() {
	timeout 20 "$B/tests/unit/vm-run" "$B/tests/unit/vm-fake" x "$@" \
		>"$dir/out" 2>"$dir/err"
	echo $? >"$dir/status"
}
# NAME STATUS STDOUT STDERR-PATTERN
is() {
	wrong=
	[ "$(cat "$dir/status")" = "$2" ] ||
		wrong="status $(cat "$dir/status"), wanted $2"
	[ "$(cat "$dir/out")" = "$3" ] || wrong="$wrong
stdout: $(head -c 300 "$dir/out")"
	if [ -z "$4" ]; then
		[ ! -s "$dir/err" ] || wrong="$wrong
stderr: $(head -c 300 "$dir/err")"
	else
		grep -qE -- "$4" "$dir/err" || wrong="$wrong
stderr: $(head -c 300 "$dir/err")"
	fi
	report "$1" "$wrong"
}
ms() {
	date +%s%3N
}

echo 1..38

for s in 0 1 7 255; do
	vm exit $s </dev/null
	is "status $s comes through" $s "" ""
done
vm out hello err world exit 3 </dev/null
is "output and error stay apart" 3 hello '^world$'
vm split "in pieces" exit 0 </dev/null
is "a frame may be cut anywhere" 0 "in pieces" ""
echo "a line" >"$dir/in"
vm cat exit 0 <"$dir/in"
is "input from a file, with its end" 0 "a line" ""
seq 100000 >"$dir/in"
vm cat exit 5 < <(cat "$dir/in")
wrong=
cmp "$dir/in" "$dir/out" >/dev/null || wrong="output differs"
report "a long input comes back as it was" "$wrong"
vm cat exit 0 <&-
is "standard input that is closed is at its end" 0 "" ""
timeout 20 "$B/tests/unit/vm-run" "$B/tests/unit/vm-fake" x out a exit 4 \
	>&- 2>&- </dev/null
status=$?
report "output that is closed at the start is no error" "$(
	[ $status = 4 ] || echo "status $status"
)"

vm out x die 3 </dev/null
is "QEMU that fails is 125, with its status" 125 x 'QEMU failed with status 3'
vm say "no such machine" die 1 </dev/null
is "QEMU's own words are shown" 125 "" 'no such machine'
vm die 0 </dev/null
is "no status is invented for a machine that stops" 125 "" 'before the program'
vm kill 9 </dev/null
is "a machine killed from outside is 125" 125 "" 'signal 9.*out of memory'
vm serial "trap: oops" die 0 </dev/null
is "the serial port's last words are shown" 125 "" 'trap: oops'
vm out a panic "bad page" sleep 9000 </dev/null
is "keel's panic is 125, with its text" 125 a 'bad page'
vm raw c800000000000000 stall </dev/null
is "a frame of unknown type ends the session" 125 "" 'unknown type 200'
vm raw 0100000000000200 stall </dev/null
is "a frame that is too long ends the session" 125 "" 'malformed frame'
vm exit 256 stall </dev/null
is "a status over 255 is refused" 125 "" 'gave 256'
vm raw 010000000900000041 die 0 </dev/null
is "a frame that is cut off is no success" 125 "A" 'before the program'
timeout 5 "$B/tests/unit/vm-run" /nonexistent/qemu x >"$dir/out" 2>"$dir/err"
echo $? >"$dir/status"
is "a QEMU that is not there is told" 125 "" '/nonexistent/qemu: No such file'
vm log "kernel talk" out x exit 0 </dev/null
is "the kernel's log is not shown" 0 x ""
VERBOSE=1 vm log "kernel talk" out x exit 0 </dev/null
is "unless it is wanted" 0 x 'kernel talk'

# Back pressure: a reader that takes its time gets every byte.
timeout 20 "$B/tests/unit/vm-run" "$B/tests/unit/vm-fake" x flood 3000000 \
	exit 0 </dev/null | { sleep 0.5; wc -c; } >"$dir/out"
report "a slow reader loses nothing" "$([ "$(cat "$dir/out")" = 3000000 ] || wrong "$dir/out")"
# Nobody reads: as a process that dies of SIGPIPE.
{
	timeout 20 "$B/tests/unit/vm-run" "$B/tests/unit/vm-fake" x \
		flood 3000000 wait </dev/null
	echo $? >"$dir/status"
} | true
report "output that nobody reads is SIGPIPE" "$([ "$(cat "$dir/status")" = 141 ] || wrong "$dir/status")"
timeout 20 "$B/tests/unit/vm-run" "$B/tests/unit/vm-fake" x flood 3000 exit 0 \
	</dev/null >/dev/full 2>"$dir/err"
echo $? >"$dir/status"
: >"$dir/out"
is "a full disk is an error" 125 "" 'No space left'

# Signals. The guest answers, or is ended after its stop_timeout, a second here.
signal() { # SIGNAL ORDER...
	sig=$1
	shift
	"$B/tests/unit/vm-run" "$B/tests/unit/vm-fake" x "$@" >"$dir/out" \
		2>"$dir/err" </dev/null &
	pid=$!
	sleep 0.3
	start=$(ms)
	kill -s "$sig" $pid
	wait $pid
	echo $? >"$dir/status"
	took=$(($(ms) - start))
}
for s in TERM:143 HUP:129 USR1:138; do
	signal "${s%:*}" wait
	is "SIG${s%:*} reaches the guest" "${s#*:}" "" ""
done
signal TERM stall
is "a guest that does not hear is ended" 143 "" ""
report "after a second" "$([ $took -lt 1600 ] || echo "$took ms")"
"$B/tests/unit/vm-run" "$B/tests/unit/vm-fake" x stall </dev/null &
pid=$!
sleep 0.3
start=$(ms)
kill -s TERM $pid
sleep 0.3
kill -s TERM $pid
wait $pid
status=$?
took=$(($(ms) - start))
report "a second SIGTERM ends it at once" "$(
	[ $status = 143 ] && [ $took -lt 950 ] || echo "$status, $took ms"
)"
vm say "KVM internal error. Suberror: 1" stall </dev/null
is "KVM that fails later is told, not waited for" 125 "" 'KVM does not work'
"$B/tests/unit/vm-run" "$B/tests/unit/vm-fake" x flood 3000000 stall \
	</dev/null 2>"$dir/err" > >(sleep 3) &
pid=$!
sleep 0.3
start=$(ms)
kill -s TERM $pid
wait $pid
status=$?
took=$(($(ms) - start))
report "a signal is not stuck behind output that nobody takes" "$(
	[ $status = 143 ] && [ $took -lt 1600 ] || echo "$status, $took ms"
)"

# A terminal: its size comes to the guest, its settings from there, and back.
cat >"$dir/session" <<END
stty rows 33 cols 101
stty -g >"$dir/before"
"$B/tests/unit/vm-run" "$B/tests/unit/vm-fake" x \
	raw 0500000024000000$(printf '%072d' 0) winsize exit 0 </dev/tty &
pid=\$!
sleep 0.3
stty -g >"$dir/while"
kill -s WINCH \$pid
wait \$pid
stty -g >"$dir/after"
END
timeout 20 script -qec "bash $dir/session" /dev/null </dev/null >"$dir/out" 2>&1
report "the guest sets the terminal and it is set back" "$(
	cmp "$dir/before" "$dir/after" 2>&1
	cmp -s "$dir/before" "$dir/while" && echo "it was never set"
)"
report "the terminal's size reaches the guest" "$(
	grep -aq 33x101 "$dir/out" || wrong "$dir/out"
)"

# No process stays behind, whatever happens to us.
"$B/tests/unit/vm-run" "$B/tests/unit/vm-fake" x stall </dev/null &
pid=$!
sleep 0.3
child=$(pgrep -P $pid)
kill -9 $pid
wait $pid 2>/dev/null
sleep 0.2
report "QEMU dies with a killed launcher" "$(
	[ -n "$child" ] || echo "no child"
	# The machine's init may leave a zombie.
	grep -s '^State:' "/proc/$child/status" | grep -v zombie
)"
"$B/tests/unit/vm-run" "$B/tests/unit/vm-fake" x stall </dev/null &
pid=$!
sleep 0.5
ticks=$(awk '{ print $14 + $15 }' /proc/$pid/stat)
kill $pid
wait $pid
report "waiting takes no processor time" "$([ "$ticks" -le 2 ] || echo "$ticks")"

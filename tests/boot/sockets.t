#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Peers outside the machine talk to a server in it, many at once.
set -u
B=${B:-build}
SLIPWAY=${SLIPWAY:-$B/bin/slipway}
bin=$(dirname "$SLIPWAY")
: "${SLIPWAY_LIB:=$(cd "$bin/.." && pwd)/lib/slipway}"
export SLIPWAY_LIB
client=$B/tests/boot/socket-client
work=$(mktemp -d)
vm=
trap '[ -z "$vm" ] || kill "$vm" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
n=0

result() { # GOOD NAME [FILE]
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		[ $# -lt 3 ] || sed 's/^/# /' "$3"
	fi
}

# serve PEERS OPTION...: a machine that serves so many, then ends.
serve() {
	peers=$1
	shift
	port=$("$client")
	: >"$work/out"
	timeout 240 "$SLIPWAY" run --accel tcg -p "127.0.0.1:$port:7000" "$@" \
		"$work/server.kernel" -- "$peers" >"$work/out" 2>"$work/err" &
	vm=$!
	for _ in $(seq 300); do
		! grep -q ready "$work/out" 2>/dev/null || return 0
		sleep 0.1
	done
	return 1
}

# talk NAME CONNECTIONS UP DOWN
talk() {
	timeout 200 "$client" "$port" "$2" "$3" "$4" >"$work/client" 2>&1
	status=$?
	result $status "$1" "$work/client"
	[ $status = 0 ] || kill "$vm"
	wait "$vm"
	status=$?
	vm=
	grep -q "^served $2\$" "$work/out" && [ $status = 0 ]
	result $? "$1: the server ends well" "$work/out"
}

if ! "$bin/x86_64-keel-cc" -O2 -o "$work/server" tests/boot/socket-server.c \
	>"$work/err" 2>&1 || ! "$B/tests/relink" "$work/server" \
	"$work/server.kernel" >"$work/err" 2>&1; then
	echo "Bail out! the server cannot be built"
	cat "$work/err"
	exit 1
fi

serve 1 -m 16M
talk "20 MB each way in one connection" 1 20000000 20000000
serve 100 -m 64M
talk "100 connections at once, 60 MB" 100 200000 400000
serve 20 -m 8M
talk "20 connections in 8 MiB" 20 300000 300000
serve 5 -m 64M --machine pc
talk "5 connections on pc" 5 1000000 1000000
echo "1..$n"

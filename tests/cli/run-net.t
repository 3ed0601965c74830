#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# slipway run -p: ports of this machine for those of a program, on each
# machine, and for a disk that tells nothing of its ports.
# shellcheck disable=SC2015,SC2181
set -u
. tests/tap.sh
dir=$(mktemp -d)
pid=
end() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null
	wait
	pid=
}
trap 'end; rm -rf "$dir"' EXIT
mkdir "$dir/app"
cp tests/docker/net-main.c "$dir/app/main.c"
cat >"$dir/app/slipway.json" <<END
{
	"name": "net",
	"target": "x86_64-keel",
	"sources": ["main.c"],
	"args": ["server"]
}
END
timeout 300 "$SLIPWAY" build --output type=disk,format=qcow2,dest="$dir/d.qcow2" \
	"$dir/app" >"$dir/log" 2>&1 || {
	sed 's/^/# /' "$dir/log"
	echo "Bail out!"
	exit 1
}
client=$dir/app/build/net/program
# Below the ports of clients.
port=22000
free_port() {
	port=$((port + 1))
	while ss -Hltun | grep -q ":$port "; do port=$((port + 1)); done
}
# Until the program says it.
await() { # WORD
	for _ in $(seq 300); do
		grep -aq "$1" "$dir/out" && return 0
		kill -0 "$pid" 2>/dev/null || return 1
		sleep 0.1
	done
	return 1
}
run() {
	: >"$dir/out" # what the last one said is not waited for
	timeout 120 "$SLIPWAY" run "$@" >"$dir/out" 2>"$dir/err" </dev/null &
	pid=$!
}
ask() {
	timeout 60 "$client" "$@" 2>&1
}
is() { # NAME GOT WANTED
	report "$1" "$([ "$2" = "$3" ] || {
		printf 'got:\n%s\nwanted:\n%s\n' "$2" "$3"
		cat "$dir/err"
	})"
}
answers='from 10.0.2.2: x'
six=1
"$client" ask ::1 1 x | grep -q refused || six=

for machine in microvm pc q35; do
	free_port
	run --machine $machine -p "$port:7000" -p "$port:7000/udp" "$dir/app"
	await listening
	is "$machine: TCP" "$(ask ask 127.0.0.1 $port x)" "$answers"
	is "$machine: UDP" "$(ask ask-udp 127.0.0.1 $port x)" "$answers"
	end
done
free_port
run -p "$port:7000" -p "127.0.0.1::7080" "$dir/app" -- server silent
await waiting
is "a port is refused until the program listens" \
	"$(ask ask 127.0.0.1 $port x)" "connect: Connection refused"
kill -s USR1 "$(pgrep -P $pid)"
await listening
is "then it is open" "$(ask ask 127.0.0.1 $port x)" "$answers"
if [ -n "$six" ]; then
	is "over IPv6 too" "$(ask ask ::1 $port x)" "$answers"
	is "a megabyte there and back" "$(ask bulk ::1 $port)" same
	ask ask localhost $port x >/dev/null
fi
web=$(sed -n 's/.*port 7080 is tcp 127.0.0.1://p' "$dir/err")
is "a free port is taken and told" \
	"$(ask ask 127.0.0.1 "${web:-1}" x | head -n 1 | tr -d '\r')" \
	"HTTP/1.1 200 OK"
timeout 60 "$SLIPWAY" run -p "$port:7000" "$dir/app" >"$dir/out2" 2>"$dir/err2"
report "a port in use is an error before anything starts" "$(
	[ $? = 125 ] && [ ! -s "$dir/out2" ] &&
		grep -q "tcp port $port: Address already in use" "$dir/err2" ||
		wrong "$dir/out2" "$dir/err2"
)"
is "many peers at once" "$(ask burst 127.0.0.1 $port)" "60 of 60"
end
is "an address alone is open" "$(
	free_port
	run -p "127.0.0.2:$port:7000" "$dir/app"
	await listening
	ask ask 127.0.0.2 $port x
	ask ask 127.0.0.1 $port x
	end
)" "$answers
connect: Connection refused"
is "--network none: the program is alone" "$(
	timeout 60 "$SLIPWAY" run --network none "$dir/app" -- \
		ask 10.0.2.2 7000 x 2>&1
)" "connect: Network unreachable"
free_port
run -p "$port:7000" "$dir/d.qcow2"
await listening
is "a disk that does not tell its ports" "$(ask ask 127.0.0.1 $port x)" \
	"$answers"
[ -z "$six" ] || is "and over IPv6" "$(ask ask ::1 $port x)" "$answers"
end
echo "1..$n"

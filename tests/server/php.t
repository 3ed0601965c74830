#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The template php by FastCGI: every answer of the guest is the answer of the
# same program on this host.
#
# REQUESTS: how many in a row (1000).
set -u
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/server/server.sh
. tests/server/server.sh
# shellcheck source=tests/explain.sh
. tests/explain.sh
requests=${REQUESTS:-1000}
dir=$server_dir/php
here=$PWD/tests/server
work=$(mktemp -d)
trap 'server_stop TERM 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

give_up() { # WHY: nothing after this can work
	report "$1" "$(wrong "$work/log")"
	echo "Bail out! $1"
	exit 1
}

php() { # WHAT ARGUMENT...: at what runs now
	what=$1
	shift
	"$here/php.py" "$what" "$port" "$root" "$@"
}

start_host() {
	port=$(free_port) root=$here/php
	mkdir -p "$work/tmp"
	sed "s|\"/tmp\"|\"$work/tmp\"|" templates/php/php.ini >"$work/php.ini"
	env TMPDIR="$work/tmp" PHP_FCGI_MAX_REQUESTS=0 "$dir/build/php/program" \
		-c "$work/php.ini" -b "127.0.0.1:$port" >"$work/log" 2>&1 &
	server_pid=$!
	server_wait 20 php ready
}

start_guest() {
	port=$(free_port) root=/srv/test
	"$SLIPWAY" run "$dir" --accel tcg -p "$port:9000" \
		>"$work/log" 2>&1 &
	server_pid=$!
	server_wait 120 php ready
}

run_ok() { # NAME COMMAND...: it must end well; what it says is shown
	name=$1
	shift
	if "$@" >"$work/out" 2>&1; then
		report "$name" ""
		sed 's/^/# /' "$work/out" | head -n 5
	else
		report "$name" "$(wrong "$work/out" "$work/log")"
	fi
}

# What was logged, without times and places.
logged() {
	sed "s|^\[[^]]*\] ||; s|$root/||g" "$work/log"
}

same() { # NAME FILE FILE
	diff -a "$2" "$3" >"$work/cmp"
	report "$1" "$([ ! -s "$work/cmp" ] || wrong "$work/cmp")"
}

echo 1..22
tests/server/php.sh >"$work/log" 2>&1 || give_up "the template"
report "the template" ""
small_kernel php "$dir" -3000

start_host >"$work/why" || give_up "PHP on the host: $(cat "$work/why")"
php answers >"$work/host.txt" 2>"$work/out" ||
	give_up "the host's answers: $(tail -n 1 "$work/out")"
logged >"$work/host.log"
run_ok "clients of the host, rude ones too" php manners
server_stop TERM
# PHP's own: that of the first request that ended by a fatal error.
host_status=$server_status

# --- the guest ----------------------------------------------------------------
start_guest >"$work/why" || give_up "PHP in the guest: $(cat "$work/why")"
report "the guest answers" ""
run_ok "all kinds of requests" sh -c "'$here/php.py' answers $port $root \
	>'$work/guest.txt'"
same "as on the host, byte for byte" "$work/host.txt" "$work/guest.txt"
logged >"$work/guest.log"
same "and what is logged" "$work/host.log" "$work/guest.log"
run_ok "rude clients" php manners

root=/srv/app
php page >"$work/page" 2>&1
report "the template's own page" "$(
	tr '\n' ' ' <"$work/page" | grep -q \
		'in Berlin.*Extensions: .*mbstring.*pdo_mysql.*mysqli' ||
		wrong "$work/page" "$work/log"
)"
root=/srv/test

# What one process cannot do.
php alone >"$work/guest.txt" 2>&1
same "a program is not started, a message not sent, nothing loaded" \
	"$here/php/alone.txt" "$work/guest.txt"
report "the log says why" "$(grep -qF 'exec(): Unable to fork' "$work/log" ||
	wrong "$work/log")"
server_stop TERM
report "the status after fatal errors is the host's" "$(
	[ "$server_status" = "$host_status" ] ||
		echo "$server_status instead of $host_status"
)"
"$SLIPWAY" run -q "$dir" --accel tcg -- -n -d zend_extension=opcache.so -v \
	>"$work/out" 2>&1
report "opcache, a shared library, is refused" "$(grep -q \
	'opcache.so (Dynamic loading not supported)' "$work/out" ||
	wrong "$work/out")"

# --- many requests, and the end ---------------------------------------------------
start_guest >"$work/why" || give_up "PHP once more: $(cat "$work/why")"
run_ok "a crowd" php crowd
before=$(qemu_rss)
run_ok "$requests requests in a row" php row "$requests"
grown=$(($(qemu_rss) - before))
echo "# QEMU has $((before + grown)) KiB in memory, $grown more"
[ $grown -lt 16384 ] || echo "grew by $grown KiB" >"$work/out"
report "memory does not grow" "$([ $grown -lt 16384 ] || wrong "$work/out")"
php slow >"$work/slow" 2>&1 &
slow=$!
while ! grep -q begun "$work/slow" && kill -0 $slow 2>/dev/null; do
	sleep 0.1
done
server_stop TERM
wait $slow
slow=$?
report "SIGTERM: the request under way is answered" "$([ $slow = 0 ] ||
	wrong "$work/slow" "$work/log")"
report "and the status is 0" "${server_status#0}"

# --- what it is made of ----------------------------------------------------------
k=$dir/build/php/kernel
report "every byte has an owner" "$(explain_sums "$k" \
	"$dir/build/php/disk.img")"
report "its functions are there for the program" "$(
	explain_why "$k" setitimer
	explain_why "$k" flock
)"
report "its system calls" "$(explain_calls "$k" fork:absent flock:partial \
	setitimer:partial accept:full)"
report "what would not work" "$(explain_check "$k" fork)"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The template redis by its own clients and its own tests: the guest must give
# the results of the same program on this host, and lose nothing it
# acknowledged when its machine is killed.
#
# KILLS: how often that is (50). TARGET: of the manifest (tests/target.sh); where
# there is fork, what needs it must work.
set -u
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/target.sh
. tests/target.sh
# shellcheck source=tests/server/server.sh
. tests/server/server.sh
# shellcheck source=tests/explain.sh
. tests/explain.sh
kills=${KILLS:-50}
dir=$server_dir/redis
here=$PWD/tests/server
work=$(mktemp -d)
trap 'server_stop TERM 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
options='--enable-debug-command yes'
# Units of redis' own tests that neither fork nor take long. One test compares
# the clock of the host with the guest's to the millisecond.
units='unit/type/string unit/type/incr unit/type/hash unit/quit unit/pubsub
unit/multi unit/bitops unit/keyspace unit/scripting unit/info unit/auth'
skip='GETEX PXAT option'

give_up() { # WHY: nothing after this can work
	report "$1" "$(wrong "$work/log")"
	echo "Bail out! $1"
	exit 1
}

answers() { # not while it loads its data
	redis-cli -p "$port" ping | grep -q PONG
}

start_host() { # DATA-FOLDER
	port=$(free_port)
	sed "s|^dir .*|dir $1|; s|^port .*|port $port|" \
		templates/redis/redis.conf >"$work/redis.conf"
	# shellcheck disable=SC2086 # words are wanted
	"$dir/build/redis/program" "$work/redis.conf" $options \
		>"$work/log" 2>&1 &
	server_pid=$!
	server_wait 20 answers
}

start_guest() { # DATA-FOLDER
	port=$(free_port)
	# shellcheck disable=SC2086 # words are wanted
	"$SLIPWAY" run "$dir" --accel tcg -p "$port:6379" -v "$1:/data" -- \
		/etc/redis.conf $options >"$work/log" 2>&1 &
	server_pid=$!
	server_wait 120 answers
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

# What both sides must answer alike.
session() {
	cli="redis-cli -p $port"
	$cli ping
	$cli --pipe <"$work/keys" | tail -n 1
	$cli dbsize
	$cli debug digest
	$cli eval 'local s = 0 for i = 1, #KEYS do s = s +
		string.len(redis.call("get", KEYS[i])) end
		return {s, ARGV[1], cjson.encode({1, 2}), tostring(1 / 3)}' 2 \
		key:000007 key:099999 word
	$cli eval 'return redis.pcall("nonsense")' 0
	$cli script load 'return 1'
	printf 'multi\nincr a\nincr a\nexec\ndiscard\n' | $cli
	$cli save
	$cli config get maxclients
	$cli object encoding hash:001
	$cli debug digest
}

# redis' own tests: names of those that passed and failed.
own_tests() {
	set --
	for unit in $units; do
		set -- "$@" --single "$unit"
	done
	(cd "$dir/build/redis/src" && timeout 400 tclsh tests/test_helper.tcl \
		--host 127.0.0.1 --port "$port" --ignore-encoding --ignore-digest \
		--skiptest "$skip" \
		--tags '-slow -needs:save -needs:repl -needs:reset' "$@") |
		sed -n 's/\x1b\[[0-9;]*m//g
			s/ ([0-9]* ms)//
			/^\[ok\]\|^\[err\]\|^\[exception\]\|^\[ignore\]/p'
}

# The machine dies in the middle of writes; what it said is written must be there.
kill_and_look() { # HOW-OFTEN
	: >"$work/acked"
	k=0
	while [ $k -lt "$1" ]; do
		start_guest "$work/kill" >"$work/why" || return 1
		[ $k = 0 ] || "$here/redis.py" verify "$port" "$work/acked" ||
			return 1
		lines=$(wc -l <"$work/acked")
		"$here/redis.py" write "$port" "$work/acked" >/dev/null &
		writer=$!
		# Some writes, another number each time.
		end=$(($(date +%s) + 60))
		while [ "$(wc -l <"$work/acked")" -lt $((lines + 20 + k * 7 % 60)) ] &&
			[ "$(date +%s)" -lt $end ]; do
			sleep 0.1
		done
		kill -KILL "$(qemu_pid)"
		wait $writer
		wait "$server_pid"
		server_pid=
		k=$((k + 1))
	done
	start_guest "$work/kill" && "$here/redis.py" verify "$port" "$work/acked"
}

checks=22
[ "$target_base" = keel ] || checks=17
echo "1..$checks"
# What keel is happy with is little for Linux.
mib=$((target_server > 128 ? target_server : 128))
{ server_project redis "$dir" ".target = \"$target\" | .memory = \"${mib}M\"" &&
	"$SLIPWAY" build -q "$dir" --output type=kernel; } >"$work/log" 2>&1 ||
	give_up "the template"
report "the template" ""
[ "$target_base" != keel ] || small_kernel redis "$dir" 16
mkdir "$work/host" "$work/guest" "$work/kill"
"$here/redis.py" keys 100000 >"$work/keys"

start_host "$work/host" >"$work/why" ||
	give_up "redis on the host: $(cat "$work/why")"
own_tests >"$work/host.own"
redis-cli -p "$port" flushall >/dev/null
session >"$work/host.txt" 2>&1
server_stop TERM
report "the same on the host" "${server_status#0}"

start_guest "$work/guest" >"$work/why" ||
	give_up "redis in the guest: $(cat "$work/why")"
report "the guest answers" ""
own_tests >"$work/guest.own"
count=$(grep -c '^\[ok\]' "$work/guest.own")
diff "$work/host.own" "$work/guest.own" >"$work/out"
[ "$count" -gt 300 ] || echo "so few" >>"$work/out"
report "redis' own tests give what they give on the host ($count pass)" \
	"$([ ! -s "$work/out" ] || wrong "$work/out")"
redis-cli -p "$port" flushall >/dev/null
session >"$work/guest.txt" 2>&1
diff "$work/host.txt" "$work/guest.txt" >"$work/out"
report "100,000 keys, Lua, transactions: as on the host" \
	"$([ ! -s "$work/out" ] || wrong "$work/out")"
run_ok "pub/sub" "$here/redis.py" pubsub "$port" 5000
redis-cli -p "$port" flushall >/dev/null
run_ok "expiry" "$here/redis.py" expiry "$port"
run_ok "redis-benchmark, one request at a time" redis-benchmark -p "$port" \
	-n 5000 -c 20 -q -t ping,set,get,incr,lpush,lrange_100,mset
run_ok "redis-benchmark, pipelines" redis-benchmark -p "$port" -n 50000 \
	-c 20 -P 32 -q -t set,get,zadd,hset

# --- what needs fork --------------------------------------------------------
redis-cli -p "$port" set kept 1 >/dev/null
idle_again() { # no child of redis' is at work
	! redis-cli -p "$port" info persistence |
		grep -qE '^(rdb_bgsave|aof_rewrite)_(in_progress|scheduled):1'
}
for what in bgsave bgrewriteaof; do
	redis-cli -p "$port" $what >"$work/out" 2>&1
	if [ "$target_base" = keel ]; then
		report "$what answers an error" "$(grep -qi 'err\|fail' \
			"$work/out" || wrong "$work/out")"
	else
		report "$what works" "$(grep -q 'Background' "$work/out" ||
			wrong "$work/out"
			server_wait 60 idle_again)"
	fi
done
if [ "$target_base" = keel ]; then
	report "the log says why" "$(grep -q 'fork: Function not implemented' \
		"$work/log" || wrong "$work/log")"
else
	report "the log tells of both" "$(
		for what in 'Background saving' 'Background AOF rewrite'; do
			grep -q "$what terminated with success" "$work/log" ||
				wrong "$work/log"
		done)"
fi
run_ok "and writes go on" sh -c "redis-cli -p $port incr kept | grep -x 2 &&
	redis-cli -p $port save | grep OK && test -s '$work/guest/dump.rdb'"
server_stop TERM
report "SIGTERM: status 0" "${server_status#0}"

# The way of the template's page to a small log.
rm -r "$work/guest/appendonlydir"
mv "$work/guest/dump.rdb" "$work/guest/appendonly.aof"
start_guest "$work/guest" >"$work/why" || cat "$work/why"
run_ok "a snapshot becomes the beginning of a new log" sh -c "redis-cli -p $port \
	get kept | grep -x 2 && test -d '$work/guest/appendonlydir'"
server_stop TERM

options='--appendfsync always'
run_ok "$kills killed machines, no acknowledged write is lost" \
	kill_and_look "$kills"
server_stop TERM
report "and the last one ends well" "$([ "$server_status" = 0 ] ||
	wrong "$work/log")"

[ "$target_base" = keel ] || exit 0
# --- what it is made of ------------------------------------------------------
k=$dir/build/redis/kernel
report "every byte has an owner" "$(explain_sums "$k" \
	"$dir/build/redis/disk.img")"
report "its scripts are there for the program" "$(
	explain_why "$k" luaV_execute
	explain_why "$k" epoll_pwait
)"
report "its system calls" "$(explain_calls "$k" fork:absent fsync:full)"
report "what would not work" "$(explain_check "$k" fork)"

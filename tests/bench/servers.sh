# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# nginx, redis and PHP on keel against the same programs on base linux, by one
# word of their manifests, in one run: sourced by tests/bench/run. Both on QEMU's
# pc, TCG, one CPU, 128 MiB, with one virtio-net card on one tap interface in a
# network namespace of its own.
#
# SECONDS_EACH: of load for each figure (5). PROFILE=1: also where keel's cycles
# go, into $B/bench/profile-*.txt. LOAD_S: seconds of tests/server/nginx.t.
each=${SECONDS_EACH:-5}
# shellcheck source=tests/server/server.sh
. tests/server/server.sh
# shellcheck source=tests/bench/php.sh
. tests/bench/php.sh
# shellcheck source=tests/bench/mariadb.sh
. tests/bench/mariadb.sh

build_bench() { # MANIFEST NAME
	"$SLIPWAY" build -q "$1" --output type=kernel \
		--output type=disk,dest="$work/$2.img" \
		--output type=docker,dest="$work/$2.tar" 2>"$work/$2.log"
}

# The same with the other word, in a folder of its own: one program for both.
on_linux() { # NAME
	other=$dir/build/$1-linux
	mkdir -p "$other"
	ln -f "$dir/build/$1/program" "$other/program"
	cp "$dir/build/$1/state" "$other/"
	jq '.name += "-linux" | .target = "x86_64-linux"' "$dir/bench.json" \
		>"$dir/bench-linux.json"
	build_bench "$dir/bench-linux.json" "$1-linux"
}

# --- what both guests have --------------------------------------------------------
# In the folder of the test, so that OpenSSL is built once for both.
bench_nginx() {
	dir=$server_dir/nginx
	tree=$work/nginx-tree
	server_project nginx "$dir" . || return 1
	mkdir -p "$tree/etc/nginx" "$tree/srv/www" "$tree/tmp"
	cp templates/nginx/mime.types "$tree/etc/nginx/"
	cp templates/nginx/passwd templates/nginx/group "$tree/etc/"
	sed 's/access_log .*/access_log off;/; s/keepalive_timeout.*/&\
	keepalive_requests 1000000000;/' templates/nginx/nginx.conf \
		>"$tree/etc/nginx/nginx.conf"
	head -c 612 /dev/zero | tr '\0' x >"$tree/srv/www/small.html"
	head -c 3145728 /dev/zero | tr '\0' y >"$tree/srv/www/big.bin"
	jq --arg tree "$tree" '.files = [{from: ($tree + "/etc"), to: "/etc"},
		{from: ($tree + "/srv"), to: "/srv"}]' "$dir/slipway.json" \
		>"$dir/bench.json"
	build_bench "$dir/bench.json" nginx || return 1
	on_linux nginx
}

bench_redis() {
	dir=$server_dir/redis
	tree=$work/redis-tree
	server_project redis "$dir" . || return 1
	mkdir -p "$tree/etc" "$tree/data"
	sed 's/^appendonly.*/appendonly no/' templates/redis/redis.conf \
		>"$tree/etc/redis.conf"
	jq --arg tree "$tree" '.volumes = [] |
		.files = [{from: ($tree + "/etc"), to: "/etc"},
		{dir: true, to: "/data"}]' "$dir/slipway.json" >"$dir/bench.json"
	build_bench "$dir/bench.json" redis || return 1
	on_linux redis
}

built() { # SYSTEM NAME: its folder's name
	if [ "$1" = keel ]; then echo "$2"; else echo "$2-linux"; fi
}

machine() { # SYSTEM NAME: the command
	set -- "$server_dir/$2/build/$(built "$1" "$2")"
	set -- -kernel "$1/kernel" -drive \
		"if=virtio,format=raw,readonly=on,file=$1/disk.img"
	# shellcheck disable=SC2046,SC2086 # words are wanted
	echo $(qemu pc 128 -cpu max "$@") $tap_netdev \
		-device "virtio-net-pci,netdev=n,mac=$tap_mac"
}

# --- in the namespace ----------------------------------------------------------------
guest_up() { # SYSTEM NAME COMMAND...: COMMAND succeeds when it answers
	# shellcheck disable=SC2046,SC2086 # words are wanted
	setsid timeout 600 $(machine "$1" "$2") ${qemu_more-} </dev/null \
		>"$work/$1-$2.log" 2>&1 &
	server_pid=$!
	shift 2
	server_wait 120 "$@" >&2 || exit 1
}

guest_down() {
	kill "$server_pid"
	wait "$server_pid" 2>/dev/null
	server_pid=
	tap_known
}

wrk_rate() { # CONNECTIONS PATH WRK-OPTION...: requests a second
	c=$1 path=$2
	shift 2
	wrk -t 1 -c "$c" -d "$each" "$@" "http://10.77.0.2$path" |
		sed -n 's/^Requests.sec: *//p'
}

redis_rate() { # TEST OPTION...
	test=$1
	shift
	redis-benchmark -h 10.77.0.2 -t "$test" -c 50 --csv "$@" |
		sed -n '2s/^"[^"]*","\([0-9.]*\)".*/\1/p'
}

figures() { # SYSTEM: one name=value a line
	guest_up "$1" nginx curl -sf -m 1 http://10.77.0.2/small.html
	echo "keep=$(wrk_rate 32 /small.html)"
	echo "new=$(wrk_rate 32 /small.html -H 'Connection: close')"
	echo "big=$(wrk_rate 4 /big.bin | awk '{ print $1 * 3 }')"
	echo "nginx_rss=$(qemu_rss)"
	guest_down
	guest_up "$1" redis timeout 2 redis-cli -h 10.77.0.2 ping
	echo "set=$(redis_rate set -n $((each * 2000)))"
	echo "get=$(redis_rate get -n $((each * 2000)))"
	echo "setp=$(redis_rate set -n $((each * 20000)) -P 16)"
	echo "getp=$(redis_rate get -n $((each * 20000)) -P 16)"
	echo "redis_rss=$(qemu_rss)"
	guest_down
}

# Under load for longer than the profile takes.
profile() { # FIGURE NAME COMMAND...
	figure=$1 name=$2
	shift 2
	"$@" >/dev/null &
	load=$!
	tests/bench/profile "$(qemu_pid)" "$each" "$work" \
		"$server_dir/$name/build/$name/kernel.debug" \
		>"$work/profile-$figure.txt"
	kill $load
	wait $load || :
}

profiles() {
	qemu_more="-d in_asm,out_asm -D $work/asm.log
		-monitor unix:$work/monitor,server,nowait"
	long=$((each + 30))
	guest_up keel nginx curl -sf -m 1 http://10.77.0.2/small.html
	profile keep nginx wrk -t 1 -c 32 -d $long http://10.77.0.2/small.html
	profile new nginx wrk -t 1 -c 32 -d $long -H 'Connection: close' \
		http://10.77.0.2/small.html
	profile big nginx wrk -t 1 -c 4 -d $long http://10.77.0.2/big.bin
	guest_down
	guest_up keel redis timeout 2 redis-cli -h 10.77.0.2 ping
	for test in set get; do
		profile $test redis redis-benchmark -h 10.77.0.2 -t $test -c 50 -l
		profile ${test}p redis redis-benchmark -h 10.77.0.2 -t $test \
			-c 50 -P 16 -l
	done
	guest_down
	qemu_more=
}

in_namespace() {
	tap_up "$work"
	trap 'tap_down || :; [ -z "$server_pid" ] || kill "$server_pid" || :' EXIT
	for system in linux keel; do
		{
			figures $system
			figures_php $system
		} >"$work/figures.$system"
	done
	[ -z "${PROFILE-}" ] || profiles
}

figure() { # SYSTEM NAME
	sed -n "s/^$2=//p" "$work/figures.$1"
}

# Ours may be at most as large as on Linux.
smaller() { # FIGURE LINUX KEEL UNIT
	row "$1" "$2" "$3" "$4" 1 ratio
}

mib() { # FILE
	stat -c %s "$1" | awk '{ print $1 / 1048576 }'
}

# With `slipway run` as users have it: each base's own machine and memory.
base_figures() { # SYSTEM NAME PORT: reply=ms, least=MiB
	manifest=$server_dir/$2/bench.json
	[ "$1" = keel ] || manifest=$server_dir/$2/bench-linux.json
	port=$(free_port)
	echo "reply=$(runs_reply=3 reply_ms "$port" "$SLIPWAY" run \
		--accel tcg -p "$port:$3" "$manifest")"
	for size in 4 5 6 7 8 10 12 16 20 24 32 48 64 80 88 96 112 128; do
		if runs_reply=1 reply_ms "$port" "$SLIPWAY" run --accel tcg \
			-m ${size}M -p "$port:$3" "$manifest" >/dev/null 2>&1; then
			echo "least=$size"
			break
		fi
	done
}

of_base() { # SYSTEM FIGURE
	sed -n "s/^$2=//p" "$work/base.$1"
}

bench_bases() {
	for name in nginx redis php; do
		inner=80
		[ $name != redis ] || inner=6379
		[ $name != php ] || inner=9000
		for system in linux keel; do
			base_figures $system $name $inner >"$work/base.$system"
		done
		smaller "$name, start to first reply against Linux" \
			"$(of_base linux reply)" "$(of_base keel reply)" ms
		smaller "$name, least memory against Linux" \
			"$(of_base linux least)" "$(of_base keel least)" MiB
		smaller "$name, kernel file" \
			"$(mib "$server_dir/$name/build/$name-linux/kernel")" \
			"$(mib "$server_dir/$name/build/$name/kernel")" MiB
		smaller "$name, disk image" "$(mib "$work/$name-linux.img")" \
			"$(mib "$work/$name.img")" MiB
		smaller "$name, Docker image, QEMU in it" \
			"$(mib "$work/$name-linux.tar")" \
			"$(mib "$work/$name.tar")" MiB
		[ "$(id -u)" != 0 ] || smaller "$name, memory of QEMU after load" \
			"$(figure linux ${name}_rss | awk '{ print $1 / 1024 }')" \
			"$(figure keel ${name}_rss | awk '{ print $1 / 1024 }')" MiB
	done
}

against_linux() { # FIGURE NAME UNIT GOAL
	row "$1" "$(figure linux "$2")" "$(figure keel "$2")" "$3" "$4" least
}

# --- boot to first reply, memory, size ------------------------------------------------------
reply_ms() { # PORT COMMAND...
	tests/bench/first-reply "$runs_reply" "$@"
}

# An hour, or as long as is asked for: with the rest `make bench` is minutes.
bench_load() {
	if [ -z "${LOAD_S-}" ]; then
		echo "bench: an hour of load: make bench LOAD_S=3600" >&2
		return
	fi
	tests/server/nginx.t >"$work/load.tap" || :
	awk '/^1\.\./ { n = substr($0, 4) } /^ok/ { n-- }
		END { print n == "" ? 1 : n }' "$work/load.tap" >"$work/load.wrong"
	row "nginx, $LOAD_S s of load, checks that fail" 0 \
		"$(cat "$work/load.wrong")" "" 0 most
	grep '^# requests' "$work/load.tap" || :
}

bench_servers() {
	runs_reply=5
	bench_nginx && bench_redis && bench_php || exit 1
	if [ "$(id -u)" = 0 ]; then
		(unshare -n "$0" --servers-in-namespace) || exit 1
		against_linux "nginx, 612 bytes, kept connections" keep req/s 3
		against_linux "nginx, 612 bytes, new connections" new req/s 3
		against_linux "nginx, 3 MiB files" big MB/s 3
		against_linux "redis SET" set /s 2
		against_linux "redis GET" get /s 2
		against_linux "redis SET, 16 in a pipeline" setp /s 2
		against_linux "redis GET, 16 in a pipeline" getp /s 2
		rows_php
	else
		echo "bench: nginx, redis and PHP against Linux need root" >&2
	fi
	# shellcheck disable=SC2046 # words are wanted
	floor=$(start_ms stub $(qemu microvm 64 -kernel "$stub"))
	for name in nginx redis php; do
		memory=8 over=100
		case $name in
		nginx) inner=80 ;;
		redis) inner=6379 ;;
		php) inner=9000 memory=24 over=400 ;;
		esac
		port=$(free_port)
		dir=$server_dir/$name
		ours=$(reply_ms "$port" "$SLIPWAY" run --accel tcg \
			--machine microvm -p "$port:$inner" "$dir/bench.json")
		row "$name, microvm, start to first reply" 0 "$ours" ms \
			"$(awk "BEGIN { print $floor + $over }")" most
		least=999
		for mib in 4 5 6 7 8 10 12 14 16 18 20 24 32 64; do
			if runs_reply=1 reply_ms "$port" "$SLIPWAY" run \
				--accel tcg -m ${mib}M -p "$port:$inner" \
				"$dir/bench.json" >/dev/null 2>&1; then
				least=$mib
				break
			fi
		done
		row "$name, least memory" 0 "$least" MiB "$memory" most
		row "$name kernel beyond the same program of Linux" 0 \
			"$(server_excess "$name" "$dir")" KiB 160 most
	done
	bench_bases
	bench_mariadb || exit 1
	bench_load
}

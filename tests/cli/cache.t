#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The cache: its limit, many builds at once while it is pruned, moved, read by
# another user, read-only, missing.
# shellcheck disable=SC2016 # the shell of each case expands
. tests/cli/build-lib.sh
project p
entries() {
	"$SLIPWAY" cache --json | jq .entries
}
size() {
	"$SLIPWAY" cache --json | jq .size
}
copy() { # the project, in another folder
	mkdir -p "$1" && cp p/slipway.json p/main.c "$1"
}
export -f entries size copy

t "what is kept is shown" '
	build p && [ "$(entries)" -ge 3 ]
	"$SLIPWAY" cache >out && grep -q "^folder *$SLIPWAY_CACHE" out
	grep -q "^limit *2048.0 MiB" out && grep -q "^entries *$(entries)$" out
	[ "$(size)" = "$(find "$SLIPWAY_CACHE/v2" -type f ! -name pruned \
		-printf "%s\n" | paste -sd+ | jq -R "split(\"+\") |
		map(tonumber) | add")" ]'
t "the same source elsewhere is not compiled again" '
	copy q && build q && silent "compile main.c"
	cmp p/build/hello.tar q/build/hello.tar; rm -rf q'
t "pruning keeps what was used last" '
	all=$(size) && sleep 0.02
	sed "s/world/all/" p/main.c >other.c && copy r && cp other.c r/main.c
	SOURCE_DATE_EPOCH=5 build r --output type=kernel
	"$SLIPWAY" cache --prune 1G >/dev/null && [ "$(size)" -gt "$all" ]
	"$SLIPWAY" cache --prune 64K >/dev/null
	[ "$(size)" -le 65536 ] && [ "$(entries)" -ge 1 ]
	rm -rf r/build && SOURCE_DATE_EPOCH=5 build r --output type=kernel
	silent "compile main.c"; rm -rf r'
t "pruning to nothing" '"$SLIPWAY" cache --prune 0 >out
	grep -q "^entries *0$" out && [ "$(size)" = 0 ]
	rm -rf p/build && build p && says "compile main.c"'
t "a build keeps the limit by itself" '
	rm -rf p/build "$SLIPWAY_CACHE"
	SLIPWAY_CACHE_MAX=1M build p && [ "$(size)" -le 1048576 ]'
t "a temporary whose maker was killed goes, one in use stays" '
	mkdir -p "$SLIPWAY_CACHE/v2/ab"
	touch "$SLIPWAY_CACHE"/v2/ab/.{dead.aB3dE9,live.aB3dE9}
	exec 5<"$SLIPWAY_CACHE/v2/ab/.live.aB3dE9"; flock -x 5
	"$SLIPWAY" cache --prune 1G >/dev/null
	[ ! -e "$SLIPWAY_CACHE/v2/ab/.dead.aB3dE9" ]
	rm "$SLIPWAY_CACHE/v2/ab/.live.aB3dE9"'
t "a wrong command line or limit" '
	for a in --prune=x --prune=-1 --prune= --nosuch extra; do
		status=0; "$SLIPWAY" cache $a >out 2>err || status=$?
		[ $status = 2 ] && [ ! -s out ] || exit 1
	done
	status=0; SLIPWAY_CACHE_MAX=9x "$SLIPWAY" cache 2>err || status=$?
	[ $status = 2 ] && says SLIPWAY_CACHE_MAX
	status=0; SLIPWAY_CACHE=off "$SLIPWAY" cache 2>err || status=$?
	[ $status = 1 ] && says "there is no cache"'

# The layer of the monitor, compressed once, is not the matter here.
LIMIT=300 t "eight builds at once while the cache is pruned" '
	build p -o want.tar && pids= && touch go
	for i in 1 2 3 4 5 6 7 8; do
		copy e$i
		"$SLIPWAY" build -q e$i --output type=kernel \
			--output type=disk & pids="$pids $!"
	done
	while [ -e go ]; do "$SLIPWAY" cache --prune 0 >/dev/null; done & loop=$!
	bad=; for i in $pids; do wait $i || bad=1; done
	rm go; wait $loop; [ -z "$bad" ]
	build p --output type=kernel --output type=disk
	for i in 1 2 3 4 5 6 7 8; do
		cmp p/build/hello.img e$i/build/hello.img
		cmp p/build/hello.elf e$i/build/hello.elf
	done
	[ -z "$(find "$SLIPWAY_CACHE" -name ".*")" ]; rm -rf e[1-8]'

# --- as a CI service has it --------------------------------------------------------
t "a cache that was packed and moved" '
	rm -rf p/build && build p --output type=kernel
	tar -C "$SLIPWAY_CACHE" -cf c.tar . && mkdir moved && tar -C moved -xf c.tar
	rm -rf p/build && SLIPWAY_CACHE=$PWD/moved build p --output type=kernel
	silent "compile main.c"'
if [ "$(id -u)" = 0 ]; then
	t "a cache of another user is used, and a note says it keeps nothing" '
		mkdir inst && cp -RP "${SLIPWAY%/*}" "${SLIPWAY%/*}/../lib" inst
		# An object is of the headers where they are: all must see these.
		rm -rf p/build moved && SLIPWAY=$PWD/inst/bin/slipway \
			SLIPWAY_CACHE=$PWD/moved build p --output type=kernel
		copy u && chown -R 65534 u && chmod -R a+rX moved inst u .
		as() {
			SLIPWAY_CACHE=$PWD/moved HOME=/nonexistent setpriv \
				--reuid 65534 --regid 65534 --clear-groups \
				inst/bin/slipway build u --output type=kernel \
				>out 2>err </dev/null
		}
		as && silent "compile main.c|cache"
		echo "/* more */" >>u/main.c
		as && says "compile main.c" "nothing is kept in the cache .*moved"
		[ $(grep -c "is kept" err) = 1 ]'
	if unshare -m mount -t tmpfs none /mnt 2>/dev/null; then
		t "a read-only cache, too" 'unshare -m bash -euc "
			. \"\$build_lib\"; mount --bind moved moved
			mount -o remount,bind,ro moved; rm -rf p/build
			export SLIPWAY_CACHE=\$PWD/moved
			build p --output type=kernel && silent \"compile main.c\"
			"\"\$SLIPWAY\"" cache | grep -q read-only
			echo \"/* more */\" >>p/main.c
			build p --output type=kernel
			says \"nothing is kept in the cache .*Read-only\""'
	else
		skip "a read-only cache, too" "no mounts in this container"
	fi
fi
t "a cache that cannot be made is told, and none is used" '
	echo >file; rm -rf p/build
	SLIPWAY_CACHE=$PWD/file/c build p --output type=kernel
	says "there is no cache: mkdir .*file"'
t "a cache that is missing is made" '
	SLIPWAY_CACHE=$PWD/a/b/c build p --output type=kernel && [ -d a/b/c ]'
echo "1..$n"

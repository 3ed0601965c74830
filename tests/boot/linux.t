#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Base `linux`: the same contract as keel's, by the same commands. Each case
# boots a machine, and the program on the host says what must come out.
# shellcheck disable=SC2015
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
project() { # NAME SOURCE [KEYS]
	mkdir -p "$dir/$1/etc"
	cp "$2" "$dir/$1/main.c"
	echo "a file of the image" >"$dir/$1/etc/motd"
	cat >"$dir/$1/slipway.json" <<END
{
	"name": "$1",
	"target": "x86_64-linux",
	"memory": "256M",
	"files": [{"from": "etc/motd", "to": "/etc/motd"}],
	"sources": ["main.c"]${3:-}
}
END
}
build() { # DIR ARG...
	timeout 300 "$SLIPWAY" build "$@" >"$dir/log" 2>&1 || {
		sed 's/^/# /' "$dir/log"
		echo "Bail out!"
		exit 1
	}
}
project contract tests/guest/contract-main.c \
	', "args": ["file", "/etc/motd"]'
project net tests/docker/net-main.c ', "args": ["server"]'
project volume tests/docker/volume-tool.c
build "$dir/contract" --output type=kernel --output \
	type=disk,dest="$dir/disk.img"
build "$dir/net" --output type=kernel
build "$dir/volume" --output type=kernel

# --- the file ---------------------------------------------------------------
cp -r "$dir/contract" "$dir/again"
rm -rf "$dir/again/build"
build "$dir/again" --output type=kernel,dest="$dir/again.elf"
report "the same inputs give the same kernel" "$(
	cmp "$dir/contract/build/contract.elf" "$dir/again.elf" 2>&1)"
report "whose its bytes are, of Linux, init, modules and program" "$(
	k=$dir/contract/build/contract/kernel
	"$SLIPWAY" inspect --json --size "$k" 2>/dev/null | jq -r \
		--argjson size "$(stat -c %s "$k")" --argjson program \
		"$(stat -c %s "$dir/contract/build/contract/program.stripped")" '
		(.components | map({key: .name, value: .bytes}) |
			from_entries) as $of |
		select(([$of[]] | add) != $size or $of.application != $program or
			$of.Linux < 20000000 or $of.init < 20000 or
			$of.modules < 500000) | .components | tostring'
)"
report "too little memory is told before anything starts" "$(
	sed 's/256M/64M/' "$dir/contract/slipway.json" >"$dir/again/slipway.json"
	"$SLIPWAY" build "$dir/again" >"$dir/log" 2>&1
	[ $? = 2 ] && grep -q 'target x86_64-linux needs at least' "$dir/log" ||
		wrong "$dir/log")"

report "nothing is wrong with it before it boots" "$(
	"$SLIPWAY" check "$dir/contract" >"$dir/log" 2>&1 &&
		grep -q 'nothing found' "$dir/log" || wrong "$dir/log")"
report "which of the two bases fits" "$(
	grep -q '^note: keel would fit' "$dir/log" || wrong "$dir/log"
	mkdir "$dir/forks"
	printf '#include <unistd.h>\nint main(void) { return fork() != 0; }\n' \
		>"$dir/forks/main.c"
	echo '{"name": "forks", "target": "x86_64-linux", "sources": ["main.c"]}' \
		>"$dir/forks/slipway.json"
	"$SLIPWAY" check "$dir/forks" >"$dir/log" 2>&1 && grep -q \
		'^note: x86_64-linux fits; keel would not, because fork is called by main' \
		"$dir/log" || wrong "$dir/log")"
"$SLIPWAY" build "$dir/contract" -o "$dir/image.tar" >"$dir/log" 2>&1
report "the SBOM has the kernel, the C library and not keel's network" "$(
	"$SLIPWAY" inspect --sbom "$dir/image.tar" 2>&1 |
		jq -r '.packages[].name' >"$dir/names"
	grep -q '^linux-image-' "$dir/names" && grep -qx musl "$dir/names" &&
		! grep -qx lwip "$dir/names" || wrong "$dir/names" "$dir/log")"

# --- the contract -----------------------------------------------------------
# As on the host: status, output, errors.
same() { # NAME ARG...
	name=$1
	shift
	timeout 60 "$dir/contract/build/contract/program" "$@" <"$dir/in" \
		>"$dir/host.out" 2>"$dir/host.err"
	echo $? >>"$dir/host.out"
	timeout 120 "$SLIPWAY" run "$dir/contract" -- "$@" <"$dir/in" \
		>"$dir/vm.out" 2>"$dir/vm.err"
	echo $? >>"$dir/vm.out"
	report "$name" "$(cmp "$dir/host.out" "$dir/vm.out" 2>&1 &&
		cmp "$dir/host.err" "$dir/vm.err" 2>&1 || wrong "$dir/vm.err")"
}
head -c 300000 /dev/urandom >"$dir/in"
same "a status of 255" exit 255
same "arguments of all kinds" args "a b" "" "it's \"quoted\"" -- --x $'1\n2' \
	"$(printf '%0100000d' 0)"
same "input comes through, with its end" cat
same "output and error stay apart" streams
report "a file of the image" "$(timeout 120 "$SLIPWAY" run "$dir/contract" -- \
	file /etc/motd 2>&1 | diff - "$dir/contract/etc/motd")"
timeout 120 "$SLIPWAY" run "$dir/contract" -- segv >"$dir/out" 2>&1
status=$?
report "a segmentation fault is 139, and is told" "$(
	[ $status = 139 ] && grep -q 'signal 11 (Segmentation fault)' \
		"$dir/out" || wrong "$dir/out")"
timeout 120 "$SLIPWAY" run "$dir/contract" -- catch >"$dir/out" 2>&1 &
pid=$!
for _ in $(seq 300); do
	grep -aq waiting "$dir/out" && break
	sleep 0.1
done
kill "$(pgrep -P $pid)"
wait $pid
status=$?
pid=
report "SIGTERM reaches a handler" "$([ $status = 5 ] || {
	echo "status $status"
	cat "$dir/out"
})"

# --- network, volumes, disks -----------------------------------------------
port=23000
while ss -Hltun | grep -q ":$port "; do port=$((port + 1)); done
timeout 120 "$SLIPWAY" run -p "$port:7000" "$dir/net" >"$dir/out" 2>&1 \
	</dev/null &
pid=$!
for _ in $(seq 300); do
	grep -aq listening "$dir/out" && break
	sleep 0.1
done
for _ in $(seq 50); do
	got=$(timeout 60 "$dir/net/build/net/program" ask 127.0.0.1 $port x 2>&1)
	case $got in *refused*) sleep 0.1 ;; *) break ;; esac
done
report "a port of the program" "$([ "$got" = "from 10.0.2.2: x" ] || {
	echo "$got"
	cat "$dir/out"
})"
end
mkdir "$dir/data"
echo before >"$dir/data/old"
report "a volume, read and written" "$(
	timeout 120 "$SLIPWAY" run -v "$dir/data:/data" "$dir/volume" -- \
		get /data/old put /data/new hello >"$dir/out" 2>&1 ||
		wrong "$dir/out"
	grep -q before "$dir/out" || wrong "$dir/out"
	[ "$(cat "$dir/data/new" 2>&1)" = hello ] || cat "$dir/data/new" 2>&1)"
report "the disk boots by its BIOS" "$(
	timeout 200 qemu-system-x86_64 -M q35 -cpu max -m 384M -nodefaults \
		-no-user-config -display none -no-reboot -serial stdio \
		-drive file="$dir/disk.img",format=raw,if=virtio \
		</dev/null >"$dir/out" 2>&1
	diff "$dir/contract/etc/motd" "$dir/out")"
echo "1..$n"

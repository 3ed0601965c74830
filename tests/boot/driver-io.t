#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Console and disk over each way that a virtio device is reached, on each
# machine; the same program on the host says what is right.
set -u
. tests/tap.sh
B=${B:-build}
SLIPWAY=${SLIPWAY:-$B/bin/slipway}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP
export QEMU=tests/boot/qemu-variant

boot() { # BOOT-RUN-OPTION... driver-io ARG...
	timeout 60 "$B/tests/boot/boot-run" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
}
host() { # ARG...
	"$dir/host" "$@" >"$dir/want" 2>"$dir/want.err"
	want=$?
}
difference() {
	[ "$status" = "$want" ] || echo "status $status, not $want"
	cmp "$dir/out" "$dir/want" 2>&1
	cmp "$dir/err" "$dir/want.err" 2>&1 || head -c 500 "$dir/err"
}
# The same input and arguments, on the host and in a machine.
same() { # NAME INPUT BOOT-RUN-OPTION... -- ARG...
	name=$1 input=$2
	shift 2
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	host "$@" <"$input"
	# shellcheck disable=SC2086
	boot -k "$dir/kernel" $options driver-io "$@" <"$input"
	report "$name" "$(difference)"
}
sum() { # NAME BOOT-RUN-OPTION...
	host sum "$dir/app/blob"
	name=$1
	shift
	boot "$@" driver-io sum /blob </dev/null
	report "$name" "$(difference)"
}

fails_with() { # TEXT
	if [ "$status" != 99 ] || ! grep -q "$1" "$dir/err"; then
		echo "status $status"
		cat "$dir/err"
	fi
}

bail() {
	sed 's/^/# /' "$dir/log"
	echo "Bail out! $1"
	exit 1
}
mkdir "$dir/app"
cp tests/boot/driver-io.c "$dir/app"
head -c 3000000 /dev/urandom >"$dir/app/blob"
head -c 1048576 /dev/urandom >"$dir/1m"
head -c 10485760 /dev/urandom >"$dir/10m"
printf 'a\000b\377\n' >"$dir/binary"
cat >"$dir/app/slipway.json" <<-END
	{"name": "driver-io", "target": "x86_64-keel",
	 "sources": ["driver-io.c"], "files": [{"from": "blob", "to": "/blob"}]}
END
${CC:-cc} -O1 -o "$dir/host" tests/boot/driver-io.c >"$dir/log" 2>&1 ||
	bail "the program does not compile on the host"
"$SLIPWAY" build --output type=kernel,dest="$dir/kernel" \
	--output type=disk,dest="$dir/disk" "$dir/app" >"$dir/log" 2>&1 ||
	bail "slipway build"

export VARIANT_CONSOLE=port
every() { # WHAT BOOT-RUN-OPTION...
	what=$1
	shift
	same "$what: 1 MiB of output" /dev/null "$@" -- out 1048576
	same "$what: 1 MiB of input" "$dir/1m" "$@" -- echo 4096
	sum "$what: a file on the disk" "$@" -k "$dir/kernel" -d "$dir/disk"
}
every "microvm, MMIO" -M microvm
VARIANT_LEGACY=true every "microvm, legacy MMIO" -M microvm
for m in pc q35; do
	every "$m, PCI" -M $m
	VARIANT_PCI=,disable-modern=on every "$m, legacy PCI" -M $m
	VARIANT_PCI=,vectors=0 every "$m, PCI without MSI-X" -M $m
	VARIANT_PCI=,disable-modern=on,vectors=0 \
		every "$m, legacy PCI without MSI-X" -M $m
done
sum "pc, from the BIOS disk" -M pc -d "$dir/disk"

same "no output" /dev/null -- out 0
same "1 byte of output" /dev/null -- out 1
same "output in pieces of 7 bytes" /dev/null -- out 30000 7
same "two streams" /dev/null -- both 3000
same "no input" /dev/null -- echo 100
same "binary input, byte by byte" "$dir/binary" -- echo 1
same "10 MiB of input" "$dir/10m" -- echo 65536
same "10 MiB of input, 2 MiB of memory" "$dir/10m" -m 2 -- echo 4096
same "input by poll" "$dir/1m" -- poll
same "nothing is a terminal" /dev/null -- terminal
for s in 0 1 7 255; do
	same "status $s" /dev/null -- status $s
done
# A console without flow control, as another host may have it.
VARIANT_CONSOLE=console same "a console instead of a port" "$dir/binary" \
	-- echo 100

# Without a launcher: the serial port, bytes as they are.
boot -s -k "$dir/kernel" -m 64 driver-io </dev/null
printf 'hello\n' >"$dir/want"
want=0
report "serial: output" "$(difference)"

# --- you carry what you call ----------------------------------------------
mkdir "$dir/hello"
printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' \
	>"$dir/hello/main.c"
echo '{"name": "hello", "target": "x86_64-keel", "sources": ["main.c"]}' \
	>"$dir/hello/slipway.json"
"$SLIPWAY" build --output type=kernel,dest="$dir/hello/kernel" \
	"$dir/hello" >"$dir/log" 2>&1 || bail "slipway build of hello"
report "hello has no block driver, a program with files has" "$(
	text="partition table at sector"
	grep -aq "$text" "$dir/hello/kernel" && echo "hello has it"
	grep -aq "$text" "$dir/kernel" || echo "driver-io has it not"
)"

# --- disks that are not as they should be ---------------------------------
cp "$dir/disk" "$dir/bad"
printf 'X' | dd of="$dir/bad" bs=1 seek=560 conv=notrunc 2>/dev/null
sum "a damaged table: its backup" -k "$dir/kernel" -d "$dir/bad"
boot -v -k "$dir/kernel" -d "$dir/bad" driver-io status 0 </dev/null
report "a damaged table is told of in the log" "$(
	grep -q "vda: partition table at sector 1: bad header checksum" \
		"$dir/err" || cat "$dir/err"
)"
truncate -s -512 "$dir/bad"
boot -k "$dir/kernel" -d "$dir/bad" driver-io sum /blob </dev/null
report "no table at all: no such file" "$(fails_with "No such file")"
start=$(sfdisk -l "$dir/disk" | awk '/Linux filesystem/ { print $2 }')
VARIANT_BAD_SECTOR=$((start + 3000)) \
	boot -k "$dir/kernel" -d "$dir/disk" driver-io sum /blob </dev/null
report "a sector that cannot be read is EIO" "$(fails_with "I/O error")"
echo "1..$n"

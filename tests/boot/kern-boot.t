#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The start and the end of programs on each machine: exit statuses, fatal
# signals, signals from outside, sleeping, the ways in.
set -u
. tests/tap.sh
B=${B:-build}
SLIPWAY=${SLIPWAY:-$B/bin/slipway}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP

said() {
	echo "status $status"
	cat "$dir/out" "$dir/err"
}
boot() { # MACHINE ARG...
	machine=$1
	shift
	timeout 60 "$B/tests/boot/boot-run" -k "$dir/kernel" -M "$machine" \
		program "$@" </dev/null >"$dir/out" 2>"$dir/err"
	status=$?
}
ends() { # MACHINE STATUS
	boot "$1" "$2"
	report "$1: status $2, output as it is" "$(
		{ [ "$status" = "$2" ] && [ ! -s "$dir/err" ] &&
			[ "$(cat "$dir/out")" = "hello from the program" ]; } ||
			said
	)"
}
dies() { # STATUS SIGNAL FUNCTION WAY
	boot microvm "$4"
	report "$4: $2 with a backtrace" "$(
		{ [ "$status" = "$1" ] && [ ! -s "$dir/out" ] &&
			grep -q "program: killed by signal .* $2" "$dir/err" &&
			grep -q "#[0-9]* .* $3+0x" "$dir/err"; } || said
	)"
}
# The launcher, and not QEMU, gets SIGTERM as soon as the program is ready.
terminated() { # WAY
	: >"$dir/out"
	timeout --foreground -k 5 60 \
		"$B/tests/boot/boot-run" -k "$dir/kernel" program "$1" \
		</dev/null >"$dir/out" 2>"$dir/err" &
	pid=$!
	tries=0
	while [ ! -s "$dir/out" ] && [ $tries -lt 200 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	start=$(date +%s%N)
	kill -TERM $pid
	wait $pid
	status=$?
	took=$((($(date +%s%N) - start) / 1000000))
}
plain() { # NAME WANT QEMU-OPTION...
	name=$1
	want=$2
	shift 2
	timeout 60 qemu-system-x86_64 -accel tcg -m 64 -nodefaults \
		-display none -serial stdio -no-reboot "$@" </dev/null \
		>"$dir/out" 2>"$dir/err"
	status=$?
	report "$name" "$(
		{ [ $status = 0 ] && grep -q "$want" "$dir/out"; } || said
	)"
}

if ! { "$(dirname "$SLIPWAY")/x86_64-keel-cc" -O1 -g \
	-o "$dir/program" tests/boot/kern-program.c &&
	"$B/tests/relink" "$dir/program" "$dir/kernel" &&
	x86_64-linux-gnu-gcc -m32 -nostdlib -static -Wl,-Ttext=0x1000000 \
		-Wl,-z,noexecstack -Wl,--build-id=none -Wl,-e,start \
		-o "$dir/entry64" tests/boot/kern-entry64.S; } \
	>"$dir/log" 2>&1; then
	sed 's/^/# /' "$dir/log"
	echo "Bail out! the program cannot be built"
	exit 1
fi

printf '#include <stdio.h>\nint main(void) { puts("Hello"); return 0; }\n' \
	>"$dir/hello.c"
{ "$(dirname "$SLIPWAY")/x86_64-keel-cc" -O2 -o "$dir/hello" "$dir/hello.c" &&
	"$B/tests/relink" "$dir/hello" "$dir/hello.kernel"; } >"$dir/log" 2>&1
size=$(wc -c <"$dir/hello.kernel")
report "the kernel of puts(\"Hello\") is not over 40 KiB" "$(
	{ [ "$size" -gt 0 ] && [ "$size" -le 40960 ]; } || echo "$size bytes"
)"

for machine in microvm pc q35; do
	ends "$machine" 0
	ends "$machine" 255
	plain "$machine: on the serial port, without a launcher" \
		"hello from the program" -M "$machine" -kernel "$dir/kernel"
done
plain "microvm without ACPI, timer and clock chips" "hello from the program" \
	-M microvm,acpi=off,pic=off,pit=off,rtc=off -kernel "$dir/kernel"
plain "2 MiB of memory" "hello from the program" -M microvm -m 2 \
	-kernel "$dir/kernel"
plain "5 GiB of memory" "hello from the program" -M q35 -m 5120 \
	-kernel "$dir/kernel"
plain "the newest CPU that QEMU can be" "hello from the program" \
	-M q35 -cpu max -kernel "$dir/kernel"
plain "64-bit Linux entry with boot_params" "hello from the program" \
	-M microvm -kernel "$dir/entry64" -device "loader,file=$dir/kernel"

dies 134 ABRT give_up abort
dies 136 FPE divide divide
dies 132 ILL illegal illegal
dies 133 TRAP breakpoint breakpoint

for way in spin sleep; do
	terminated $way
	report "SIGTERM ends a program in $way" "$(
		if [ $status != 143 ] || [ $took -ge 2000 ]; then
			said
			echo "$took ms"
		fi
	)"
done
terminated ignore
report "SIGTERM can be ignored" "$(
	{ [ $status = 0 ] && grep -q "nanosleep 0" "$dir/out"; } || said
)"
terminated block
report "SIGTERM waits while it is blocked" "$(
	{ [ $status = 143 ] && grep -q "nanosleep 0" "$dir/out" &&
		! grep -q "still here" "$dir/out"; } || said
)"

boot microvm power-off
report "a program can power off" "$(
	{ [ $status = 0 ] && grep -q "^ending" "$dir/out"; } || said
)"
# Without a launcher, since that takes the end of the machine for its own.
{ "$(dirname "$SLIPWAY")/x86_64-keel-cc" -DDEFAULT_WAY='"restart"' \
	-o "$dir/restart" tests/boot/kern-program.c &&
	"$B/tests/relink" "$dir/restart" "$dir/restart.kernel"; } \
	>"$dir/log" 2>&1
for machine in microvm pc q35; do
	: >"$dir/out"
	timeout 60 qemu-system-x86_64 -accel tcg -m 64 -nodefaults -M $machine \
		-display none -serial stdio -kernel "$dir/restart.kernel" \
		</dev/null >"$dir/out" 2>"$dir/err" &
	qemu=$!
	# It starts again and again until it is ended.
	while kill -0 $qemu 2>/dev/null &&
		[ "$(grep -c restarting "$dir/out")" -lt 3 ]; do
		sleep 0.1
	done
	kill $qemu 2>/dev/null
	wait $qemu
	status=$?
	report "$machine: a program can restart the machine" "$(
		[ "$(grep -c restarting "$dir/out")" -ge 3 ] || said
	)"
done

lib=$(cd "$(dirname "$SLIPWAY")/.." && pwd)/lib/slipway/sysroot/x86_64-keel/lib
panics() { # NAME CFLAG TEXT FUNCTION
	{ x86_64-linux-gnu-gcc -c "$2" -o "$dir/fault.o" \
		tests/boot/kern-fault.S &&
		sh targets/keel/tools/link-kernel "$lib" "$dir/fault" \
			"$dir/fault.o"; } >"$dir/log" 2>&1 ||
		sed 's/^/# /' "$dir/log"
	timeout 60 "$B/tests/boot/boot-run" -k "$dir/fault" fault </dev/null \
		>"$dir/out" 2>"$dir/err"
	status=$?
	report "$1" "$(
		{ [ $status = 125 ] && grep -q "keel: $3" "$dir/err" &&
			grep -q "#0 .* $4+0x" "$dir/err"; } || said
	)"
}
panics "a fault of keel is a panic" -DFAULT "exception 14.* address 10" inner
panics "a kernel stack that is used up is one" -DOVERFLOW "exception 14" recurse
head -c 100 /dev/zero >"$dir/record"
plain "a damaged boot record is refused" "keel: the boot record is damaged" \
	-M microvm -kernel "$dir/kernel" \
	-fw_cfg "name=opt/org.slipway/record,file=$dir/record"

now=$(date +%s)
boot microvm clocks
report "the clock is the host's" "$(
	then=$(head -n 1 "$dir/out")
	{ [ $((then - now)) -le 10 ] && [ $((now - then)) -le 1 ]; } || said
)"
report "two seconds are two seconds" "$(
	ms=$(tail -n 1 "$dir/out")
	{ [ "$ms" -ge 2000 ] && [ "$ms" -lt 2500 ]; } || said
)"
echo "1..$n"

# shellcheck shell=sh disable=SC2034
# SPDX-License-Identifier: Apache-2.0
# What the tests of disks and images share: TAP, a work folder in $w, disks
# and QEMU. The test programs and kernels are in $B.
artifact=$B/tests/unit/artifact
boot_dir=$B/lib/slipway/boot/x86_64
k=$B/tests/boot
n=0
failed=0
# Other caches and settings of the user stay out of it.
unset SOURCE_DATE_EPOCH

start() {
	w=$(mktemp -d) || exit 1
	SLIPWAY_CACHE=$w/cache
	export SLIPWAY_CACHE
	trap 'cleanup; rm -rf "$w"' EXIT
	trap 'exit 1' INT TERM HUP
}
cleanup() { :; }
bail() {
	echo "Bail out! $*"
	exit 1
}
ok() {
	n=$((n + 1))
	echo "ok $n - $1"
}
not_ok() { # NAME TEXT
	n=$((n + 1))
	failed=1
	echo "not ok $n - $1"
	printf '%s\n' "$2" | tail -15 | sed 's/^/# /'
}
skip() { # NAME REASON
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}
# NAME COMMAND...: the command succeeds. Its words are in $w/verify.
is() {
	name=$1
	shift
	: >"$w/verify"
	if "$@" >"$w/is.log" 2>&1; then
		ok "$name"
	else
		not_ok "$name" "$(cat "$w/is.log" "$w/verify")"
	fi
}
# NAME WANTED COMMAND...: what it prints.
prints() {
	name=$1
	want=$2
	shift 2
	got=$("$@" 2>&1)
	if [ "$got" = "$want" ]; then
		ok "$name"
	else
		not_ok "$name" "wanted: $want
got: $got"
	fi
}
finish() {
	echo "1..$n"
	exit $failed
}

make_disk() { # FILE KERNEL [ESP [ROOTFS]]
	out=$w/$1
	kernel=$2
	shift 2
	case $kernel in /*) ;; *) kernel=$k/$kernel ;; esac
	"$artifact" disk "$boot_dir" "$kernel" "$out" "$@" >"$out.info" ||
		bail "cannot make a disk"
}

# The machine, until it is off or a line of the boot code's is there.
run_qemu() {
	rm -f "$w/serial"
	timeout 60 qemu-system-x86_64 -accel tcg -nodefaults -display none \
		-no-reboot -serial "file:$w/serial" -m 64 "$@" \
		>"$w/qemu.log" 2>&1 </dev/null &
	pid=$!
	i=0
	while [ $i -lt 1200 ] && kill -0 $pid 2>/dev/null; do
		# a whole line: the mark comes right after what is there
		{ cat "$w/serial" 2>/dev/null && echo '~'; } |
			grep -aE '(probe|stub|slipway:)' | grep -qv '~$' && break
		sleep 0.05
		i=$((i + 1))
	done
	kill $pid 2>/dev/null
	wait $pid 2>/dev/null
	grep -aoE '(probe|stub|slipway:).*' "$w/serial" | tr -d '\r'
	cat "$w/qemu.log"
}
uefi() {
	cp /usr/share/OVMF/OVMF_VARS_4M.fd "$w/vars.fd"
	code=/usr/share/OVMF/OVMF_CODE_4M.fd
	echo "-m 256 -drive if=pflash,format=raw,readonly=on,file=$code \
-drive if=pflash,format=raw,file=$w/vars.fd"
}

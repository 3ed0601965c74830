#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The network over bad wires, in a network namespace of its own: transfers
# whose every byte is checked, between this host's TCP and the guest's.
set -u
. tests/tap.sh
B=${B:-build}
SLIPWAY=${SLIPWAY:-$B/bin/slipway}

if [ -z "${NET_TORTURE-}" ]; then
	for how in -n -rn; do
		NET_TORTURE=$how
		export NET_TORTURE
		unshare $how sh -c "ip link set lo up &&
			ip tuntap add probe mode tap && ip link del probe" \
			2>/dev/null && exec unshare $how "$0"
	done
	echo "1..0 # SKIP no network namespace with tap devices"
	exit 0
fi

dir=$(mktemp -d)
pids=
trap 'stop_all; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP
transfer=$B/tests/boot/net-transfer
v4=10.9.0.2 v6=fd09::2
net="addr=$v4/16 addr=$v6/64 noslaac"

stop_all() {
	for p in $pids; do
		kill "$p"
	done 2>/dev/null
	wait 2>/dev/null
	pids=
}
# The guest, with QEMU's -device options and -netdev ones.
guest() { # MACHINE DEVICE-OPTIONS NETDEV-OPTIONS
	case $1 in
	microvm) set -- "$@" microvm,acpi=off,pic=off,pit=off,rtc=off \
		virtio-net-device ;;
	*) set -- "$@" "$1" "virtio-net-pci,romfile=" ;;
	esac
	timeout 240 qemu-system-x86_64 -accel tcg -cpu max -m 64 -nodefaults \
		-no-user-config -display none -serial "file:$dir/console" \
		-no-reboot -machine "$4" -kernel "$dir/kernel" \
		-fw_cfg name=opt/org.slipway/record,file="$dir/record" \
		-global virtio-mmio.force-legacy="${legacy:-false}" -netdev "$3,id=n" \
		-device "$5,netdev=n,mac=52:54:00:12:34:56$2" \
		>"$dir/qemu" 2>&1 &
	pids="$pids $!"
	# The first frames may get lost.
	until=$(($(date +%s) + 60))
	while ! timeout 5 "$transfer" get $v4 1000 1 2>/dev/null; do
		if [ "$(date +%s)" -gt "$until" ]; then
			cat "$dir/console" "$dir/qemu" "$dir/relay.log"
			return 1
		fi
		sleep 0.1
	done >"$dir/log"
}
card() { # MTU: the host's end
	ip addr add 10.9.0.1/16 dev t0 &&
		ip addr add fd09::1/64 dev t0 nodad &&
		ip link set t0 mtu "$1" up
}
bad_wire() { # MACHINE: with a relay, told by `tell`
	mkfifo "$dir/in" "$dir/out"
	"$B/tests/boot/net-relay" t0 "$dir" <"$dir/in" >"$dir/out" \
		2>"$dir/relay.log" &
	pids="$pids $!"
	exec 3>"$dir/in" 4<"$dir/out"
	read -r _ <&4
	card 1500
	guest "$1" "" "dgram,local.type=unix,local.path=$dir/guest,$(
		)remote.type=unix,remote.path=$dir/relay"
}
good_wire() { # MACHINE MTU DEVICE-OPTIONS
	ip tuntap add t0 mode tap vnet_hdr && card "$2"
	guest "$1" ",host_mtu=$2$3" tap,ifname=t0,script=no,downscript=no
}
end_wire() {
	stop_all
	exec 3>&- 4<&-
	ip link del t0 2>/dev/null
	rm -f "$dir/in" "$dir/out" "$dir/guest" "$dir/relay"
}
tell() {
	echo "$*" >&3
	read -r _ <&4
}
# Both directions, both versions; four at a time.
both_ways() { # BYTES
	at=0
	for what in get put; do
		for host in $v4 $v6; do
			at=$((at + 1))
			timeout 120 "$transfer" "$what" "$host" "$1" $at \
				>"$dir/$at" 2>&1 || echo "$what $host" >>"$dir/$at" &
			eval "job$at=$!"
		done
	done
	# shellcheck disable=SC2154
	wait "$job1" "$job2" "$job3" "$job4"
	cat "$dir/1" "$dir/2" "$dir/3" "$dir/4"
}
pings() { # COUNT SIZE AT-LEAST
	for host in $v4 $v6; do
		got=$("$transfer" ping "$host" "$1" "$2")
		[ "$got" -ge "$3" ] || echo "$host: $got of $1 came back"
	done
}

{
	"$(dirname "$SLIPWAY")/x86_64-keel-cc" -O2 -D_GNU_SOURCE -o "$dir/program" \
		tests/boot/net-transfer.c &&
		"$B/tests/relink" "$dir/program" "$dir/kernel" &&
		"$B/tests/boot/net-relay" record "$net" net-transfer serve \
			>"$dir/record"
} >"$dir/log" 2>&1 || {
	sed 's/^/# /' "$dir/log"
	echo "Bail out! the guest's program cannot be made"
	exit 1
}

check() { # NAME COMMAND...
	name=$1
	shift
	"$@" >"$dir/wrong" 2>&1
	report "$name" "$(cat "$dir/wrong")"
}
pings_of_sizes() {
	pings 20 100 20
	pings 20 1472 20
	pings 20 8000 20
	pings 5 60000 5
}
lossy() { # LOSS REORDER TWICE BYTES
	tell set "$1" "$2" "$3"
	both_ways "$4"
	tell set 0 0 0
}
flood() {
	tell syn 20000 $v4 5000
	timeout 60 "$transfer" get $v4 100000 7 || echo "after the flood"
	timeout 60 "$transfer" put $v6 100000 8 || echo "after the flood"
}
noise() {
	tell junk 20000
	both_ways 100000
	pings 10 1000 10
}
sizes() { # MTU
	both_ways 2000000
	pings 5 $(($1 - 28)) 5
	pings 5 20000 5
}

# Segments that the card cuts, which a host loses whole or in part.
large() {
	good_wire q35 1500 "" || return
	for host in $v4 $v6; do
		timeout 100 "$transfer" deaf "$host" 1000000 5 || echo "$host"
	done
}

# Its only neighbour is the gateway, which is in none of its networks.
gateway() {
	v4=10.77.0.2 v6=fd09::2
	"$B/tests/boot/net-relay" record "addr=$v4/32 addr=$v6/128 noslaac \
route=10.9.0.1/32 route=0.0.0.0/0@10.9.0.1 route=fd09::1/128 \
route=::/0@fd09::1 mtu=1400" net-transfer serve >"$dir/record"
	ip tuntap add t0 mode tap vnet_hdr && card 1500 &&
		ip link set lo up && ip addr add 192.0.2.1/32 dev lo &&
		ip addr add fd88::1/128 dev lo nodad &&
		ip route add $v4/32 dev t0 src 192.0.2.1 &&
		ip route replace $v6/128 dev t0 src fd88::1 &&
		guest q35 "" tap,ifname=t0,script=no,downscript=no &&
		both_ways 100000
}

echo 1..19
: >"$dir/relay.log"
check "a guest behind the relay answers" bad_wire microvm
check "a good wire" both_ways 2000000
check "datagrams, also in fragments" pings_of_sizes
check "5 % loss" lossy 5 0 0 300000
check "reordering and duplicates" lossy 0 20 10 1000000
check "all of it" lossy 3 10 10 200000
check "20,000 connections begun by nobody" flood
check "20,000 frames of noise" noise
check "datagrams after all that" pings_of_sizes
end_wire
for mtu in 576 1280 9000; do
	good_wire q35 $mtu "" >"$dir/wrong" 2>&1
	[ $mtu != 576 ] || v6=10.9.0.2 # no link of IPv6 is so small
	sizes $mtu >>"$dir/wrong" 2>&1
	report "an MTU of $mtu" "$(cat "$dir/wrong")"
	end_wire
done
v6=fd09::2
while read -r legacy machine options; do
	good_wire "$machine" 1500 "$options" >"$dir/wrong" 2>&1
	both_ways 500000 >>"$dir/wrong" 2>&1
	report "$machine$options, legacy $legacy" "$(cat "$dir/wrong")"
	end_wire
done <<END
true microvm
false microvm ,mrg_rxbuf=off
false pc ,disable-modern=on
false q35 ,disable-legacy=on,csum=off,guest_csum=off,event_idx=off
false pc ,disable-modern=on,mrg_rxbuf=off,host_tso4=off
END
check "large segments that are lost" large
end_wire
check "a gateway in no network of the card" gateway
end_wire

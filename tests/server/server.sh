# shellcheck shell=sh disable=SC2034
# SPDX-License-Identifier: Apache-2.0
# Servers from the templates, for tests and figures: `. tests/server/server.sh`
# SLIPWAY and B as in `make check`. What is built stays in $B/server.
server_dir=$B/server
server_pid=

# A project from a template, its manifest changed by a filter of jq. The
# same folder again: only what changed is built.
server_project() { # TEMPLATE FOLDER FILTER
	if [ ! -d "$2" ]; then
		mkdir -p "$(dirname "$2")"
		"$SLIPWAY" init --template "$1" "$2" >/dev/null || return 1
		cp "$2/slipway.json" "$2/template.json"
	fi
	for f in "templates/$1"/*; do # a later one of the template
		[ "$(basename "$f")" = slipway.json ] ||
			diff -rq "$f" "$2/$(basename "$f")" >/dev/null 2>&1 ||
			cp -R "$f" "$2/"
	done
	jq --arg name "$1" ".name = \$name | $3" "templates/$1/slipway.json" \
		>"$2/new.json" || return 1
	cmp -s "$2/new.json" "$2/slipway.json" || cp "$2/new.json" "$2/slipway.json"
}

# How much larger the kernel file is than the same program, linked as a static
# program of Linux with musl, without symbols and without our note: in KiB.
server_excess() { # NAME FOLDER
	x86_64-linux-gnu-strip -R .note.slipway -o "$2/build/$1/linux" \
		"$2/build/$1/program" &&
		echo $((($(wc -c <"$2/build/$1/kernel") - \
			$(wc -c <"$2/build/$1/linux")) / 1024))
}

# The goal is 160 KiB. More than MAX is a step back from what was reached, 44
# for nginx and -29 for redis (data and names are packed, lib/toolchain/pack.h),
# with room for what keel learns.
small_kernel() { # NAME FOLDER MAX
	excess=$(server_excess "$1" "$2")
	report "the kernel is at most $3 KiB larger than the program of Linux" "$(
		[ "${excess:-$(($3 + 1))}" -le "$3" ] ||
			echo "it is ${excess:-?} KiB larger"
	)"
	echo "# ${excess:-?} KiB"
}

# A port that nothing has at this moment, other at each call.
free_port() {
	python3 -c 'import socket
s = socket.socket(socket.AF_INET6)
s.bind(("::", 0))
print(s.getsockname()[1])'
}

# Waits for a server: it must answer COMMAND within a time.
server_wait() { # SECONDS COMMAND...
	deadline=$(($(date +%s) + $1))
	shift
	while ! "$@" >/dev/null 2>&1; do
		if ! kill -0 "$server_pid" 2>/dev/null; then
			echo "the server ended"
			return 1
		fi
		if [ "$(date +%s)" -ge $deadline ]; then
			echo "no answer in time"
			return 1
		fi
		sleep 0.2
	done
}

# Ends what was started, by a signal; its status is in $server_status.
server_stop() { # SIGNAL
	[ -n "$server_pid" ] || return 0
	kill -s "$1" "$server_pid" 2>/dev/null
	wait "$server_pid"
	server_status=$?
	server_pid=
}

# The QEMU below a `slipway run`, and what of it is in memory, in KiB.
qemu_pid() {
	pgrep -P "$server_pid" qemu | head -n 1
}
qemu_rss() {
	awk '/^VmRSS/ { print $2 }' "/proc/$(qemu_pid)/status"
}

# --- a network without QEMU's own ---------------------------------------------
# In a namespace that was made for it (unshare -n, as root): one tap interface,
# 10.77.0.1; the guest gets 10.77.0.2 from a DHCP server. tap_down ends it.
tap_mac=52:54:00:12:34:56
tap_netdev="-netdev tap,id=n,ifname=tap0,script=no,downscript=no"

tap_up() { # FOLDER
	ip link set lo up
	ip tuntap add dev tap0 mode tap
	ip addr add 10.77.0.1/24 dev tap0
	ip link set tap0 up
	: >"$1/leases"
	printf '%s\n' 'start 10.77.0.2' 'end 10.77.0.2' 'interface tap0' \
		"lease_file $1/leases" "pidfile $1/udhcpd.pid" \
		'option subnet 255.255.255.0' >"$1/udhcpd.conf"
	busybox udhcpd -f -S "$1/udhcpd.conf" >/dev/null 2>&1 &
	tap_dhcp=$!
	tap_known
}
# Nobody asks where the guest is before it is there, and then for seconds not.
tap_known() {
	ip neigh replace 10.77.0.2 lladdr $tap_mac dev tap0
}
tap_down() {
	kill "$tap_dhcp"
}

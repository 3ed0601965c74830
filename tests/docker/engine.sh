# shellcheck shell=sh disable=SC2034
# SPDX-License-Identifier: Apache-2.0
# A private Docker engine for tests: `. tests/docker/engine.sh`, then
#   engine_start FOLDER   starts dockerd with everything it has in FOLDER and
#                         sets DOCKER_HOST; fails, with the reason in
#                         $engine_why, when dockerd cannot start here
#   engine_stop           ends it and takes away what it left on the machine
# The caller runs engine_stop on every way out (trap ... EXIT).

engine_pid=
engine_dir=
engine_why=
engine_pool=10.213.0.0/16

engine_tail() {
	{
		tail -n 1 "$engine_dir/log"
		grep -E 'level=(fatal|error)|failed' "$engine_dir/log"
	} 2>/dev/null | tail -n 1 | cut -c 1-200
}

# A driver works when containers start on it; overlay2 is far cheaper.
engine_try() { # DRIVER
	# A socket's path has a limit of 108 bytes: it is not in FOLDER.
	engine_sock=$(mktemp -d /tmp/engine.XXXXXX) || return 1
	echo '{}' >"$engine_sock/config"
	dockerd --data-root "$engine_dir/data" --exec-root "$engine_sock/exec" \
		--host "unix://$engine_sock/sock" --pidfile "$engine_sock/pid" \
		--storage-driver "$1" --config-file "$engine_sock/config" \
		--default-address-pool "base=$engine_pool,size=24" \
		>"$engine_dir/log" 2>&1 8>&- &
	engine_pid=$!
	DOCKER_HOST=unix://$engine_sock/sock
	export DOCKER_HOST
	i=0
	while [ $i -lt 150 ]; do
		docker version >/dev/null 2>&1 && return 0
		kill -0 "$engine_pid" 2>/dev/null || break
		sleep 0.2
		i=$((i + 1))
	done
	engine_why="dockerd ($1) did not start: $(engine_tail)"
	engine_stop
	return 1
}

engine_start() { # FOLDER
	engine_why=
	if ! command -v dockerd >/dev/null || ! command -v docker >/dev/null; then
		engine_why="dockerd or docker is not installed"
		return 1
	fi
	if [ "$(id -u)" != 0 ]; then
		engine_why="dockerd needs root"
		return 1
	fi
	# One bridge for all: two engines would take it from each other, so
	# they follow one another, in whatever order their tests run.
	exec 8>/tmp/slipway-engine.lock
	if ! flock -w 900 8; then
		engine_why="another test's engine did not end in 15 minutes"
		return 1
	fi
	# One in our own pool was left by an engine that was killed.
	if ip link show docker0 >/dev/null 2>&1 &&
		! engine_bridges | grep -q docker0; then
		engine_had_bridge=1
	else
		engine_had_bridge=
	fi
	engine_forward=$(cat /proc/sys/net/ipv4/ip_forward)
	mkdir -p "$1" || return 1
	engine_dir=$(cd "$1" && pwd)
	engine_try overlay2 || { rm -rf "$engine_dir/data" && engine_try vfs; }
}

# The bridges that have addresses of our pool.
engine_bridges() {
	ip -br -4 addr | awk '$1 ~ /^(docker0|br-[0-9a-f]+)$/ &&
		$3 ~ /^10\.213\./ { print $1 }'
}

# Removes the bridges, the jumps to, and then the chains of, a stopped engine.
engine_clean_net() {
	engine_bridges | while read -r b; do ip link del "$b"; done
	ip link del docker0 2>/dev/null
	for t in filter nat; do
		iptables -w -t $t -S 2>/dev/null | grep -E -- '-j DOCKER' |
			grep '^-A' | sed 's/^-A/-D/' | while read -r rule; do
			# shellcheck disable=SC2086 # a rule is many words
			eval iptables -w -t $t $rule
		done
		chains=$(iptables -w -t $t -S 2>/dev/null |
			sed -n 's/^-N \(DOCKER.*\)/\1/p')
		for c in $chains; do iptables -w -t $t -F "$c"; done
		for c in $chains; do iptables -w -t $t -X "$c"; done
	done
	iptables -w -t nat -S POSTROUTING 2>/dev/null |
		grep -E 'MASQUERADE' | grep -E '172\.1[0-9]\.|10\.213\.' |
		sed 's/^-A/-D/' | while read -r rule; do
		# shellcheck disable=SC2086
		eval iptables -w -t nat $rule
	done
	iptables -w -S FORWARD 2>/dev/null | grep -E 'docker0|br-[0-9a-f]{12}' |
		sed 's/^-A/-D/' | while read -r rule; do
			# shellcheck disable=SC2086
			eval iptables -w $rule
		done
	iptables -w -P FORWARD ACCEPT 2>/dev/null
	echo "$engine_forward" >/proc/sys/net/ipv4/ip_forward
}

engine_stop() {
	[ -n "$engine_pid" ] || return 0
	if kill -0 "$engine_pid" 2>/dev/null; then
		# Containers that a test left behind end with it.
		left=$(timeout 10 docker ps -q 2>/dev/null)
		# shellcheck disable=SC2086
		[ -z "$left" ] || timeout 30 docker kill $left >/dev/null 2>&1
		kill "$engine_pid"
		i=0
		while [ $i -lt 150 ] && kill -0 "$engine_pid" 2>/dev/null; do
			sleep 0.1
			i=$((i + 1))
		done
		kill -9 "$engine_pid" 2>/dev/null
	fi
	wait "$engine_pid" 2>/dev/null
	engine_pid=
	[ -n "$engine_had_bridge" ] || engine_clean_net
	exec 8>&-
	# What is still mounted would keep the folders from being removed.
	awk -v d="$engine_dir/" -v s="$engine_sock/" \
		'index($2, d) == 1 || index($2, s) == 1 { print $2 }' \
		/proc/mounts | sort -r | while read -r m; do
		umount "$m" 2>/dev/null
	done
	rm -rf "$engine_sock" "$engine_dir/data"
	unset DOCKER_HOST
}

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# nginx and redis of the templates under Docker, as a user starts them: no
# flags but -p and -v, real clients, docker stop, a volume, a network.
# shellcheck disable=SC2016
set -u
. tests/tap.sh
# shellcheck source=tests/docker/engine.sh
. tests/docker/engine.sh
# shellcheck source=tests/server/server.sh
. tests/server/server.sh
dir=$(mktemp -d)
finish() {
	engine_stop
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM

bail() {
	printf '%s\n' "$1" | sed 's/^/# /'
	echo "Bail out!"
	exit 1
}
for name in nginx redis; do
	server_project $name "$server_dir/$name" . || bail "$name: no project"
	timeout 900 "$SLIPWAY" build -q "$server_dir/$name" \
		-o "$dir/$name.tar" 2>"$dir/log" || bail "$(cat "$dir/log")"
done
if ! engine_start "$dir/engine"; then
	echo "1..0 # skip $engine_why"
	exit 0
fi
for name in nginx redis; do
	docker load -q -i "$dir/$name.tar" >"$dir/log" 2>&1 ||
		bail "$(cat "$dir/log")"
done

# Until COMMAND succeeds, for a minute.
soon() {
	for _ in $(seq 300); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.2
	done
	echo "not within a minute: $*"
	return 1
}
start() { # NAME PORT OPTION... IMAGE
	name=$1 inner=$2
	shift 2
	docker run -d --name "$name" -p "127.0.0.1::$inner" "$@" >/dev/null &&
		docker port "$name" "$inner" | sed 's/.*://'
}
status_of() { # NAME: of its end, by docker stop
	docker stop "$1" >/dev/null
	docker inspect -f '{{.State.ExitCode}}' "$1"
}

# --- nginx -------------------------------------------------------------------
port=$(start web 80 nginx)
report "nginx answers" "$(soon curl -sf "http://127.0.0.1:$port/")"
report "with the file that is in the image" "$(
	curl -s "http://127.0.0.1:$port/" | cmp - templates/nginx/www/index.html
)"
report "its log is the container's" "$(
	docker logs web 2>/dev/null | grep -q '"GET / HTTP/1.1" 200' ||
		docker logs web
)"
report "docker stop: status 0" "$(
	s=$(status_of web)
	[ "$s" = 0 ] || echo "status $s"
)"

# --- redis -------------------------------------------------------------------
redis() {
	redis-cli -p "$port" "$@"
}
docker volume create data >/dev/null
port=$(start cache 6379 -v data:/data redis)
report "redis answers" "$(soon redis get x)"
report "1,000 acknowledged writes" "$(
	got=$(redis -r 1000 incr n | tail -n 1)
	[ "$got" = 1000 ] || echo "$got"
)"
docker rm -f cache >/dev/null
docker network create servers >/dev/null
port=$(start cache 6379 --network servers -v data:/data redis)
report "are on the volume after the machine was killed" "$(
	soon sh -c "redis-cli -p $port get n | grep -x 1000"
)"
other=$(start other 6379 --network servers redis \
	/etc/redis.conf --appendonly no)
report "another one gets a key from it over a network, by name" "$(
	soon redis-cli -p "$other" ping
	soon sh -c "redis-cli -p $port migrate other 6379 n 0 5000 copy |
		grep -x OK" || redis migrate other 6379 n 0 5000 copy
	got=$(redis-cli -p "$other" get n)
	[ "$got" = 1000 ] || echo "$got"
)"
report "docker stop: status 0, and what was to be written is" "$(
	s=$(status_of cache)
	[ "$s" = 0 ] || echo "status $s"
	docker logs cache 2>&1 | grep -q 'ready to exit' || docker logs cache
)"
echo "1..$n"

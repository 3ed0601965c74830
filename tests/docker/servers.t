#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# nginx and redis of the templates under Docker, as a user starts them: no
# flags but -p and -v, real clients, docker stop, a volume, a network, Compose.
# shellcheck disable=SC2016
set -u
# shellcheck source=tests/docker/begin.sh
. tests/docker/begin.sh
# shellcheck source=tests/server/server.sh
. tests/server/server.sh
# shellcheck source=tests/explain.sh
. tests/explain.sh
for name in nginx redis; do
	server_project $name "$server_dir/$name" . || bail "$name: no project"
	timeout 900 "$SLIPWAY" build -q "$server_dir/$name" \
		-o "$dir/$name.tar" -o "type=rootfs,dest=$dir/$name.files" \
		2>"$dir/log" || bail "$(cat "$dir/log")"
done
engine_begin
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

report "every byte of the images has an owner" "$(explain_sums "$dir/nginx.tar" \
	"$dir/redis.tar")"
report "their bills list what they are made of" "$(
	explain_bill "$dir/nginx.files" nginx openssl pcre2 zlib musl lwip
	explain_bill "$dir/redis.files" redis musl lwip
)"

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

mkdir "$dir/www"
cp templates/nginx/www/index.html "$dir/www/"
openssl enc -aes-128-ctr -nosalt -K 00 -iv 00 </dev/zero 2>/dev/null |
	head -c 4000000 >"$dir/www/big.bin"
download() { # NAME OPTION...: docker stop comes when it has begun
	name=$1
	shift
	docker run -d --name "$name" -v "$dir/www:/srv/www:ro" "$@" nginx \
		>/dev/null || return
	ip=$(docker inspect -f '{{.NetworkSettings.IPAddress}}' "$name")
	soon curl -sf "http://$ip/" || return
	: >"$dir/client" # now: the last one's word is not this one's
	tests/server/http.py finish "$ip" 80 >"$dir/client" 2>&1 &
	while ! grep -q begun "$dir/client" && kill -0 $! 2>/dev/null; do
		sleep 0.1
	done
	docker stop -t 60 "$name" >/dev/null
	wait $! || cat "$dir/client"
	s=$(docker inspect -f '{{.State.ExitCode}}' "$name")
	[ "$s" = 0 ] || echo "status $s"
}
report "docker stop: a download ends, no other begins, status 0" "$(download slow)"
if [ -c /dev/net/tun ]; then
	report "so with the container's own address" "$(
		download own --cap-add NET_ADMIN --device /dev/net/tun
	)"
else
	report "# skip there is no /dev/net/tun" ""
fi

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

# --- both by Compose ------------------------------------------------------------
compose() {
	timeout 300 docker-compose -p shop -f "$dir/compose.yaml" "$@" \
		>"$dir/log" 2>&1 || cat "$dir/log"
}
id() {
	docker ps -aq --filter "label=com.docker.compose.service=$1"
}
healthy() {
	[ "$(docker inspect -f '{{.State.Health.Status}}' "$(id "$1")")" = healthy ]
}
port_of() {
	docker port "$(id "$1")" "$2" | sed 's/.*://'
}
both_end() {
	compose stop
	for s in web cache; do
		docker inspect -f "$s: status {{.State.ExitCode}}" "$(id $s)"
	done | grep -v 'status 0$'
}
cat >"$dir/compose.yaml" <<END
version: "2.4"
services:
  web:
    image: nginx
    ports: ["127.0.0.1::80"]
    volumes: ["$dir/www:/srv/www:ro"]
    healthcheck: {interval: 1s, timeout: 30s, retries: 60}
    stop_grace_period: 60s
    depends_on:
      cache:
        condition: service_healthy
  cache:
    image: redis
    ports: ["127.0.0.1::6379"]
    volumes: ["data:/data"]
    healthcheck: {interval: 1s, timeout: 30s, retries: 60}
    stop_grace_period: 60s
volumes:
  data: {}
END
if ! command -v docker-compose >/dev/null; then
	report "# skip docker-compose is not installed" ""
else
	report "Compose: nginx, when redis is healthy" "$(compose up -d)"
	report "nginx is healthy, too" "$(soon healthy web)"
	report "it serves a folder of the host" "$(
		curl -s "http://127.0.0.1:$(port_of web 80)/big.bin" |
			cmp - "$dir/www/big.bin"
	)"
	port=$(port_of cache 6379)
	report "redis keeps a key" "$(redis set shop open | grep -vx OK)"
	report "both end with status 0" "$(both_end)"
	report "they start again" "$(
		compose start
		soon healthy web && soon healthy cache
	)"
	port=$(port_of cache 6379)
	report "the key is in the volume" "$(redis get shop | grep -vx open)"
	report "both end again" "$(both_end)"
	compose down -v -t 60 >/dev/null
fi
echo "1..$n"

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The template mariadb under Docker: a named volume, accounts by variables,
# health, docker stop, docker kill.
# shellcheck disable=SC2015
set -u
# shellcheck source=tests/docker/begin.sh
. tests/docker/begin.sh
# shellcheck source=tests/server/server.sh
. tests/server/server.sh
# shellcheck disable=SC2034 # mariadb.sh's
work=$dir
# shellcheck source=tests/server/mariadb.sh
. tests/server/mariadb.sh
{ server_project mariadb "$project" . &&
	timeout 900 "$SLIPWAY" build -q "$project" -o "$dir/mariadb.tar"; } \
	2>"$dir/log" || bail "$(cat "$dir/log")"
engine_begin
docker load -q -i "$dir/mariadb.tar" >"$dir/log" 2>&1 ||
	bail "$(cat "$dir/log")"
echo "# the image: $(($(wc -c <"$dir/mariadb.tar") >> 20)) MiB"

start() { # OPTION...
	docker run -d --name db -p 127.0.0.1::3306 -v data:/var/lib/mysql \
		"$@" mariadb >/dev/null || return
	for _ in $(seq 1500); do
		case $(docker inspect -f '{{.State.Status}} {{.State.Health.Status}}' \
			db) in
		*' healthy') break ;;
		exited*) break ;;
		esac
		sleep 0.2
	done
	port=$(docker port db 3306 | sed 's/.*://')
	docker inspect -f '{{.State.Health.Status}}' db | grep -vx healthy &&
		docker logs db 2>&1 | tail -n 20
}
# Runs in this shell: the port is for later.
check() { # NAME COMMAND...
	name=$1
	shift
	"$@" >"$dir/wrong" 2>&1
	report "$name" "$(cat "$dir/wrong")"
}
ends() { # docker stop, and its time
	begin=$(date +%s%3N)
	docker stop -t 60 db >/dev/null
	echo "# docker stop: $(($(date +%s%3N) - begin)) ms" >"$dir/time"
	docker inspect -f 'status {{.State.ExitCode}}' db | grep -vx 'status 0'
	docker rm db >/dev/null
}

soon="--health-interval=1s --health-timeout=30s"
# shellcheck disable=SC2086 # words are wanted
check "a new volume: it becomes healthy" start $soon \
	-e MARIADB_RANDOM_ROOT_PASSWORD=yes -e MARIADB_DATABASE=shop
db_password=$(docker logs db 2>&1 | sed -n 's/.*GENERATED ROOT PASSWORD: //p')
writes() {
	[ ${#db_password} = 32 ] || docker logs db
	root shop -e "CREATE TABLE t (id INT PRIMARY KEY, v TEXT);
		INSERT INTO t VALUES (1, 'stopped')"
}
check "root gets in with the password that the log tells" writes
second() {
	docker run --name other -v data:/var/lib/mysql mariadb >"$dir/log" 2>&1
	status=$?
	[ $status = 125 ] && grep -q 'another machine has it' "$dir/log" ||
		wrong "$dir/log"
	docker rm other >/dev/null
}
check "another container does not get its volume" second
check "docker stop: status 0" ends
cat "$dir/time"
# shellcheck disable=SC2086
check "the volume again, without variables" start $soon
more() {
	root shop -e "INSERT INTO t VALUES (2, 'killed')"
	docker kill db >/dev/null
	docker start db >/dev/null
}
check "docker kill after an insert" more
again() {
	for _ in $(seq 600); do
		port=$(docker port db 3306 | sed 's/.*://')
		root -e 'SELECT 1' >/dev/null 2>&1 && break
		sleep 0.2
	done
	root shop -e 'SELECT v FROM t ORDER BY id' 2>&1 |
		diff <(printf 'stopped\nkilled\n') -
}
check "both rows are there when it starts again" again
check "and it stops with status 0" ends
cat "$dir/time"
echo "1..$n"

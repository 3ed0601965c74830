# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# The template mariadb under `slipway run`, for its tests, by the client of the
# distribution: `. tests/server/mariadb.sh` after server.sh; $work is a folder.
project=$server_dir/mariadb
db_password="it's \"root\" \\ 1; é"

# By TCP; no user's own configuration is read.
db() { # USER PASSWORD ARGUMENT...
	db_user=$1 db_secret=$2
	shift 2
	MYSQL_PWD=$db_secret timeout 120 mariadb --no-defaults --protocol=tcp \
		--host=127.0.0.1 --port="$port" --user="$db_user" --batch \
		--default-character-set=utf8mb4 "$@"
}
root() { # [ARGUMENT...]: rows only
	db root "$db_password" --skip-column-names "$@"
}

start_guest() { # VOLUME OPTION...
	volume=$1
	shift
	port=$(free_port)
	: >"$work/log" # now: what the last machine said is not of this one
	"$SLIPWAY" run "$project" --accel tcg -p "$port:3306" \
		-v "$volume:/var/lib/mysql" "$@" >"$work/log" 2>&1 </dev/null &
	server_pid=$!
}

# By the log, as a port of the host may be open before; the server of the first
# start has port 0.
ready() {
	grep -aq 'port: 3306' "$work/log"
}
wait_guest() { # SECONDS
	server_wait "$1" ready
}

kill_machine() {
	kill -KILL "$(qemu_pid)" 2>/dev/null
	wait "$server_pid"
	server_pid=
}

# The next of a sequence that is always the same, 0 to LIMIT - 1, in $random.
seed=20261123
next_random() { # LIMIT
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	random=$((seed / 65536 % $1))
}

# --- inserts until the machine dies -------------------------------------------
# Transactions of one client without end: a row in each of two tables, then a
# line that comes only when the commit was acknowledged. The client keeps to
# the order and ends at the first error.
statements() { # FIRST-ID
	awk -v id="$1" 'BEGIN { for (;; id++) {
		printf "BEGIN; INSERT INTO a VALUES (%d, SHA2(%d, 256)); ", id, id
		printf "INSERT INTO b VALUES (%d, REPEAT(MD5(%d), 8)); ", id, id
		printf "COMMIT; SELECT %d;\n", id
	} }'
}
start_writers() { # HOW-MANY ROUND
	writers=
	for w in $(seq "$1"); do
		statements $((($2 * 10 + w) * 100000)) 2>/dev/null |
			root --unbuffered shop_1 >>"$work/acked" \
				2>>"$work/writers" &
		writers="$writers $!"
	done
}
acked() {
	wc -l <"$work/acked"
}
wait_acked() { # HOW-MANY: at least so many, or what there is after a minute
	deadline=$(($(date +%s) + 60))
	while [ "$(acked)" -lt "$1" ] && [ "$(date +%s)" -lt $deadline ]; do
		sleep 0.05
	done
}
end_writers() {
	for w in $writers; do wait "$w"; done
}

# Nothing acknowledged is lost, no transaction is there by half, no row is
# wrong, and the tables are sound.
verify() {
	root shop_1 -e 'SELECT id FROM a' | sort >"$work/rows" || return 1
	sort "$work/acked" | comm -23 - "$work/rows" >"$work/lost"
	[ ! -s "$work/lost" ] || {
		echo "lost $(wc -l <"$work/lost") acknowledged rows"
		head -n 5 "$work/lost"
	}
	root shop_1 -e "SELECT 'a wrong row', id FROM a WHERE h <> SHA2(id, 256)
		UNION SELECT 'a wrong row', id FROM b
			WHERE h <> REPEAT(MD5(id), 8)
		UNION SELECT 'only in one', id FROM a
			WHERE id NOT IN (SELECT id FROM b)
		UNION SELECT 'only in one', id FROM b
			WHERE id NOT IN (SELECT id FROM a);
		CHECK TABLE a, b EXTENDED" 2>&1 |
		grep -v '	check	status	OK$'
}

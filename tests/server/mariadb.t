#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The template mariadb by the distribution's client: its first start, also when
# it is killed, accounts, data, its end, and that nothing it acknowledged is
# lost when its machine is killed.
#
# KILLS: how often that is (5).
# shellcheck disable=SC2015
set -u
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/server/server.sh
. tests/server/server.sh
# shellcheck source=tests/server/mariadb.sh
. tests/server/mariadb.sh
kills=${KILLS:-5}
work=$(mktemp -d)
trap 'server_stop TERM 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

give_up() { # WHY: nothing after this can work
	report "$1" "$(wrong "$work/log")"
	echo "Bail out! $1"
	exit 1
}
equal() { # WANTED GOT
	[ "$1" = "$2" ] || printf '%s\n' "wanted: $1" "got: $2" "$(cat "$work/log")"
}
# What a function says is what is wrong. It runs in this shell, as it starts and
# ends machines.
check() { # NAME FUNCTION ARGUMENT...
	name=$1
	shift
	"$@" >"$work/wrong" 2>&1
	report "$name" "$(cat "$work/wrong")"
}

echo 1..17
{ server_project mariadb "$project" . &&
	"$SLIPWAY" build -q "$project" --output type=kernel; } >"$work/log" 2>&1 ||
	give_up "the template"
report "the template" ""
data=$work/data
mkdir "$data"

# --- what is refused ----------------------------------------------------------
refused() { # STATUS TEXT VOLUME OPTION...
	wanted=$1 text=$2
	shift 2
	find "$1" >"$work/before"
	start_guest "$@"
	wait "$server_pid"
	status=$?
	server_pid=
	[ $status = "$wanted" ] && grep -q "$text" "$work/log" ||
		wrong "$work/log"
	find "$1" | diff "$work/before" -
}
mkdir "$work/other"
echo mine >"$work/other/keep"
check "no password is an error that says which variables there are" \
	refused 1 'set one of MARIADB_ROOT_PASSWORD' "$data"
check "a folder with other things in it is left alone" \
	refused 1 'not empty (there is keep)' "$work/other" \
	-e MARIADB_ROOT_PASSWORD=x

# --- the first start ----------------------------------------------------------
first_start() {
	start_guest "$data" -e "MARIADB_ROOT_PASSWORD=$db_password" \
		-e MARIADB_DATABASE=shop_1 -e "MARIADB_USER=o'neil" \
		-e MARIADB_PASSWORD_FILE=/run/secrets/password \
		-v "$work/secret:/run/secrets/password:ro" \
		-v "$work/sql:/docker-entrypoint-initdb.d:ro"
}
# Files of the volume that the start comes by.
killed_at() { # FILE
	first_start
	server_wait 300 test -e "$data/$1" || return
	kill_machine
	[ ! -e "$data/mysql" ] || echo "it was over already"
}
mkdir "$work/sql"
printf 'p%%w\n' >"$work/secret"
cat >"$work/sql/1-tables.sql" <<'END'
CREATE TABLE a (id BIGINT PRIMARY KEY, h CHAR(64) NOT NULL);
CREATE TABLE b (id BIGINT PRIMARY KEY, h VARCHAR(256) NOT NULL, KEY (h(20)));
DELIMITER //
CREATE PROCEDURE twice(n INT) BEGIN SELECT n; SELECT 2 * n; END//
END
echo "INSERT INTO a VALUES (1, SHA2(1, 256)); INSERT INTO b VALUES
	(1, REPEAT(MD5(1), 8));" >"$work/sql/2-rows.sql"
check "killed when half the tables were made" killed_at .first-start/sys
echo 'CREATE TABLE c (id INT); CREATE TABEL d (id INT);' >"$work/sql/3-bad.sql"
bad_file() {
	first_start
	wait "$server_pid"
	status=$?
	server_pid=
	[ $status = 1 ] && grep -q '3-bad.sql ended with status 1' \
		"$work/log" || wrong "$work/log"
	find "$data" -maxdepth 1 -mindepth 1 ! -name .first-start
}
check "a file with an error in it ends the first start" bad_file
rm "$work/sql/3-bad.sql"
echo 'not run' >"$work/sql/4-not.sh"
first_start
wait_guest 300 >"$work/why" || give_up "the first start: $(cat "$work/why")"
is_whole() {
	for f in .first-start/whole mysql/global_priv.frm sys ibdata1; do
		[ -e "$data/$f" ] && echo "$f"
	done | diff - "$work/files"
	equal 1 "$(root shop_1 -e 'SELECT id FROM a JOIN b USING (id)' 2>&1)"
	equal '4 8' "$(root shop_1 -e 'CALL twice(4)' 2>&1 | paste -sd ' ')"
	grep -q '4-not.sh: not run' "$work/log" || wrong "$work/log"
	root -e 'CHECK TABLE mysql.global_priv, mysql.proc, mysql.db' 2>&1 |
		grep -v 'status	OK$'
}
printf '%s\n' mysql/global_priv.frm sys ibdata1 >"$work/files"
check "then it begins again, is whole, and has run the files" is_whole
accounts() {
	equal "o'neil@%" "$(db "o'neil" 'p%w' --skip-column-names shop_1 \
		-e 'SELECT CURRENT_USER()' 2>&1)"
	db "o'neil" 'p%w' mysql -e 'SELECT 1' 2>&1 | grep -q 'Access denied' ||
		echo "the user may read other databases"
	equal '% localhost' "$(root -e "SELECT host FROM mysql.user
		WHERE user = 'root' ORDER BY host" 2>&1 | paste -sd ' ')"
}
check "accounts: root, and a user with one database" accounts
strangers() {
	for who in root:wrong root: nobody:x; do
		db "${who%%:*}" "${who#*:}" -e 'SELECT 1' >"$work/out" 2>&1 &&
			echo "$who is let in"
		grep -q 'Access denied' "$work/out" || cat "$work/out"
	done
}
check "a wrong password, no password, an unknown user are refused" strangers

# --- data -----------------------------------------------------------------------
{
	echo 'CREATE TABLE posts (id INT AUTO_INCREMENT PRIMARY KEY,
		title VARCHAR(80), FULLTEXT (title));'
	for i in $(seq 1000); do
		echo "INSERT INTO posts (title) VALUES ('grüße 🐳 $i');"
	done
} >"$work/rows.sql"
want=$(printf '1000\t10893\t%s' "$(printf 'grüße 🐳 999' | xxd -p -u)")
has_rows() {
	equal "$want" "$(root shop_1 -e "SELECT COUNT(*),
		SUM(CHAR_LENGTH(title)), HEX(MAX(title)) FROM posts" 2>&1)"
}
fill() {
	root shop_1 <"$work/rows.sql" && has_rows
}
check "1,000 rows, a transaction each, in utf8mb4" fill
undo() {
	root shop_1 -e "BEGIN; DELETE FROM posts; ROLLBACK; BEGIN;
		DELETE FROM posts WHERE id < 500"
	has_rows
}
check "what is rolled back is not there, by a lost connection either" undo
other_machine() {
	first=$server_pid first_port=$port
	mkdir "$work/two"
	work=$work/two
	refused 125 'another machine has it' "$data"
	work=${work%/two}
	server_pid=$first port=$first_port
	has_rows
}
check "a second machine does not get the volume" other_machine
orderly_end() {
	server_stop TERM
	[ "$server_status" = 0 ] || echo "status $server_status"
	grep -q 'Shutdown complete' "$work/log" || wrong "$work/log"
	! grep -a 'ERROR' "$work/log"
}
check "SIGTERM: status 0, and an orderly end" orderly_end

# --- the same volume again --------------------------------------------------------
# As a machine leaves it that dies between the moves of the last step.
mkdir "$data/.first-start"
touch "$data/.first-start/whole"
mv "$data/mysql" "$data/sys" "$data/ibdata1" "$data/.first-start/"
start_guest "$data" -- --max-connections=12
wait_guest 120 >"$work/why" || give_up "the second start: $(cat "$work/why")"
check "killed in the last step, it starts with all its data" has_rows
report "arguments are mariadbd's" "$(
	ls -d "$data/.first-start" 2>/dev/null
	equal 12 "$(root -e 'SELECT @@max_connections' 2>&1)"
)"
kill_machine

# --- killed machines ----------------------------------------------------------
# At a moment among the inserts of three clients; each fourth time also while
# the start after it recovers.
kill_and_look() { # HOW-OFTEN
	: >"$work/acked"
	for k in $(seq "$1"); do
		start_guest "$data"
		if [ $((k % 4)) = 0 ]; then
			server_wait 120 grep -aq 'Starting MariaDB' "$work/log"
			next_random 2000
			sleep $((random / 1000)).$((random % 1000 / 100))
			kill_machine
			start_guest "$data"
		fi
		wait_guest 120 || return
		verify
		start_writers 3 "$k"
		next_random 60
		wait_acked $(($(acked) + 20 + random))
		next_random 10
		sleep "0.$random"
		kill_machine
		end_writers
	done
	start_guest "$data"
	wait_guest 120 && has_rows && verify
}
check "$kills killed machines, no acknowledged row is lost" \
	kill_and_look "$kills"
echo "# $(acked) acknowledged transactions"
report "and there were enough of them" "$(
	[ "$(acked)" -ge $((kills * 20)) ] || wrong "$work/writers")"
check "the last one ends well" orderly_end

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The distribution's sqlite3, unmodified: it answers in the guest as the
# host's does, byte for byte, and its own speedtest1 gives the same hash.
set -u
. tests/tap.sh
. tests/explain.sh
B=${B:-build}
SLIPWAY=${SLIPWAY:-$B/bin/slipway}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP

bail() { # WHY FILE
	tail -n 30 "$2" | sed 's/^/# /'
	echo "Bail out! $1"
	exit 1
}
# Both on the script $dir/sql: output, standard error and status.
compare() { # DATABASE
	(cd "$dir" && sqlite3 "${1##*/}" <sql >host.out 2>host.err
		echo $? >host.status)
	timeout 120 "$SLIPWAY" run --accel tcg -m 64M "$kernel" -- "$1" \
		<"$dir/sql" >"$dir/vm.out" 2>"$dir/vm.err"
	echo $? >"$dir/vm.status"
	for f in out err status; do
		cmp -s "$dir/host.$f" "$dir/vm.$f" ||
			diff -a "$dir/host.$f" "$dir/vm.$f"
	done
}

echo 1..11
"$SLIPWAY" init -q --template sqlite "$dir/sqlite" >"$dir/log" 2>&1 ||
	bail "no template" "$dir/log"
sed -i 's/"sqlite3"\]/"sqlite3", "speedtest1"]/' "$dir/sqlite/slipway.json"
kernel=$dir/sqlite.elf
timeout 1200 "$SLIPWAY" build "$dir/sqlite" \
	--output "type=kernel,dest=$kernel" \
	--output "type=rootfs,dest=$dir/files" >"$dir/log" 2>&1 ||
	bail "slipway build" "$dir/log"

grep -v '^PRAGMA journal_mode' "$dir/sqlite/shop.sql" >"$dir/sql"
report "a shop: joins, windows, thousands of rows" "$(
	compare /tmp/shop.db
	[ "$(wc -l <"$dir/host.out")" -gt 1000 ] || echo "hardly any output"
)"

cat >"$dir/sql" <<'END'
.mode quote
create table t(k integer primary key, v, b blob);
insert into t(v, b) values ('grüße 💧', x'00ff10'), (null, zeroblob(9)),
	(1e308 * 10, null), (-9223372036854775808, x''), (0.1 + 0.2, 'a''b');
select *, typeof(v), length(b), hex(b) from t order by k;
with recursive c(x) as (select 1 union all select x + 1 from c where x < 2000)
	select x, printf('%.17g', sqrt(x)), ln(x), x * x % 97 from c;
begin; delete from t; rollback;
select count(*) from t;
attach '/tmp/other.db' as o;
create table o.u as select k, v from t;
vacuum o;
pragma o.integrity_check;
select date(0, 'unixepoch'), strftime('%j %W', '2024-12-31');
select json_group_array(k), group_concat(v, '|') from u;
END
rm -f /tmp/other.db
report "text, blobs, numbers, a second database" "$(compare /tmp/t.db)"
rm -f /tmp/other.db

echo 'select 1; select * from nowhere; select 2;' >"$dir/sql"
report "an error is told in the same words" "$(
	compare /tmp/e.db
	grep -q nowhere "$dir/vm.err" || echo "nothing is said"
)"

# On a volume: with a rollback journal, and with a log and its shared memory.
# What one side leaves the other finds whole.
mkdir "$dir/vol"
for mode in delete wal; do
	cat >"$dir/sql" <<-END
		pragma journal_mode=$mode;
		create table t(a integer primary key, b);
		with recursive c(x) as
			(select 1 union all select x + 1 from c where x < 3000)
			insert into t select x, hex(zeroblob(20)) from c;
		update t set b = 'x' where a % 3 = 0;
		delete from t where a % 7 = 0;
		select count(*), sum(a) from t;
		pragma integrity_check;
	END
	timeout 120 "$SLIPWAY" run --accel tcg -m 64M -v "$dir/vol:/vol" \
		"$kernel" -- /vol/$mode.db <"$dir/sql" >"$dir/vm.out" 2>&1
	{
		sqlite3 "$dir/vol/$mode.db" 'pragma integrity_check;
			select count(*) from t; insert into t values(9999, 9)'
		echo 'select b from t where a = 9999;' | timeout 120 \
			"$SLIPWAY" run --accel tcg -m 64M -v "$dir/vol:/vol" \
			"$kernel" -- /vol/$mode.db
	} >>"$dir/vm.out" 2>&1
	report "a database on a volume, journal_mode=$mode" "$(
		printf '%s\n' $mode '2572|3858858' ok ok 2572 9 |
			diff - "$dir/vm.out"
	)"
done

program=$(find "$dir/sqlite/build" -type f -name speedtest1 | head -n 1)
if ! "$B/tests/relink" "${program:-none}" "$dir/speed.elf" >"$dir/log" 2>&1; then
	bail "speedtest1 cannot be linked onto keel" "$dir/log"
fi
(cd "$dir" && "$program" --size 2 --verify speed.db >host.out 2>&1)
timeout 300 "$SLIPWAY" run --accel tcg -m 64M "$dir/speed.elf" -- \
	--size 2 --verify /tmp/speed.db >"$dir/vm.out" 2>&1 </dev/null
status=$?
report "speedtest1 completes" "$(
	if [ $status != 0 ] || ! grep -q TOTAL "$dir/vm.out"; then
		echo "status $status"
		tail -n 5 "$dir/vm.out"
	fi
)"
grep -i 'hash' "$dir/host.out" >"$dir/host.hash"
grep -i 'hash' "$dir/vm.out" >"$dir/vm.hash"
report "and all it computed is the same" "$(
	[ -s "$dir/host.hash" ] || tail -n 5 "$dir/host.out"
	diff "$dir/host.hash" "$dir/vm.hash"
)"

# What it is made of.
k=$dir/sqlite/build/sqlite/kernel
report "every byte has an owner" "$(explain_sums "$k")"
report "its bill lists what it is made of" "$(
	explain_bill "$dir/files" sqlite3 musl
)"
report "why the parser of SQL is there, and a call" "$(
	explain_why "$k" sqlite3RunParser
	explain_why "$k" fdatasync
)"
report "its calls, and what would not work" "$(
	explain_calls "$k" fdatasync:full execve:absent clone:partial
	explain_check "$k" system popen
)"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A root file system as slipway builds it, read by a program in the guest: the
# listing with all contents equals the one that the program makes here.
set -u
B=${B:-build}
SLIPWAY=${SLIPWAY:-$B/bin/slipway}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
data=$work/data

mkdir -p "$data/many" "$data/a/b/c/d"
awk 'BEGIN { for (i = 0; i < 400000; i++) printf "%d\n", i * 7919 }' \
	>"$data/large"
awk -v dir="$data/many" 'BEGIN { for (i = 0; i < 2000; i++)
	print i > sprintf("%s/file-%04d", dir, i)
	close(dir) }'
for size in 0 1 4032 4095 4096 4097 12345; do
	head -c $size "$data/large" >"$data/a/size-$size"
done
echo deep >"$data/a/b/c/d/$(printf '%0250d' 7)"
ln -s ../large "$data/a/up"
ln -s nowhere "$data/a/dangling"
chmod 755 "$data/a/size-1"

cp "$here/file-walk.c" "$work/main.c"
cat >"$work/slipway.json" <<-EOF
	{"name": "walk", "target": "x86_64-keel", "sources": ["main.c"],
	 "files": [{"from": "data", "to": "/data"}], "memory": "16M"}
EOF

echo 1..2
if ! (cd "$work" && cc -o walk main.c && ./walk >here.txt); then
	echo "Bail out! the program does not run here"
	exit 1
fi
if timeout 200 "$SLIPWAY" build "$work" --output type=kernel \
	>"$work/log" 2>&1; then
	echo "ok 1 - builds"
else
	echo "not ok 1 - builds"
	tail -n 20 "$work/log" | sed 's/^/# /'
fi
timeout 120 "$SLIPWAY" run "$work" >"$work/guest.txt" 2>"$work/err"
if cmp -s "$work/here.txt" "$work/guest.txt"; then
	echo "ok 2 - $(wc -l <"$work/guest.txt") names and contents are equal"
else
	echo "not ok 2 - names and contents are equal"
	diff -a "$work/here.txt" "$work/guest.txt" | head -n 20 | sed 's/^/# /'
	head -n 20 "$work/err" | sed 's/^/# /'
fi

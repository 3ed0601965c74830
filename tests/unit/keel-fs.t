#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# keel's files on the host: real images, damaged ones, random calls.
set -u
B=${B:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
export ASAN_OPTIONS=detect_leaks=0 # keel never ends
fs=$B/tests/unit/keel-fs
n=0

ok() { # NAME COMMAND...
	name=$1
	shift
	n=$((n + 1))
	if timeout 120 "$@" >"$work/log" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		tail -n 20 "$work/log" | sed 's/^/# /'
	fi
}

make_tree() { # a bit of everything
	mkdir -p "$1/many" "$1/odd"
	cd "$1" || exit 1
	awk 'BEGIN { for (i = 0; i < 600000; i++) printf "%d\n", i * 7919 }' \
		>large
	awk 'BEGIN { for (i = 0; i < 2000; i++)
		printf "many/entry-%04d\n", i }' | xargs touch
	for size in 0 1 59 60 4031 4032 4033 4095 4096 4097 8191 8192 8193 \
		12345 65536; do
		head -c "$size" large >"size-$size"
	done
	long=$(printf '%0254d' 7) # mkfs.erofs 1.5 cannot do 255
	echo long >"$long"
	ln -s "$long" short
	ln -s "$(printf '%04000d' 9)" verylong
	ln -s ../large odd/up
	ln -s nowhere odd/dangling
	ln -s . odd/self
	printf 'two names' >hard1
	ln hard1 hard2
	printf x >odd/mode
	chmod 6751 odd/mode
	: >odd/'spaces and
newline'
	: >odd/"$(printf '\377\001')"
	truncate -s 300000 sparse
	printf tail | dd of=sparse bs=1 seek=299990 conv=notrunc 2>/dev/null
	d=deep
	mkdir $d
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		d=$d/$i-$(printf '%0200d' 5)
		[ ${#d} -lt 3500 ] || break
		mkdir "$d"
		echo "$i" >"$d/file"
	done
	touch -d @1000000000 large
	cd - >/dev/null || exit 1
}

(make_tree "$work/src")
if [ "$(id -u)" = 0 ]; then
	chown 70000:70001 "$work/src/odd/mode"
	mknod "$work/src/odd/null" c 1 3
	mknod "$work/src/odd/wide" b 254 70000
fi
image() { # NAME OPTION...
	name=$1
	shift
	mkfs.erofs "$@" "$work/$name.img" "$work/src" >"$work/mkfs" 2>&1 ||
		echo "# mkfs.erofs $*: $(tail -n 1 "$work/mkfs")"
}
image plain
image chunks --chunksize=8192
image compact -T1000000000 --ignore-mtime
image extended -Eforce-inode-extended
image packed -Enoinline_data

for i in plain chunks extended packed; do
	ok "tree $i" "$fs" tree "$work/$i.img" "$work/src"
done
find "$work/src" -exec touch -h -d @1000000000 {} +
ok "tree compact" "$fs" tree "$work/compact.img" "$work/src"

for t in reads_ahead memory_runs_short allocations_fail \
	nothing_is_lost disk_fails \
	names_are_forgotten pipes_and_signals written_lower_files; do
	ok "$t" "$fs" $t "$work/plain.img"
done
mkdir "$work/src/etc"
ln -s /run/gone "$work/src/etc/resolv.conf" # as some distributions have it
echo image >"$work/src/etc/hosts"
image etc
ok generated_tree "$fs" generated_tree "$work/etc.img"

# One byte of the super block, or the file's end, is wrong.
damaged() { # NAME OFFSET BYTE(octal)
	cp "$work/plain.img" "$work/bad.img"
	# shellcheck disable=SC2059 # the byte is printf's
	printf "\\$3" | dd of="$work/bad.img" bs=1 seek="$2" conv=notrunc \
		2>/dev/null
	ok "refuses $1" "$fs" refuse "$work/bad.img"
}
damaged "another magic number" 1024 0
damaged "a wrong checksum" 1030 0
damaged "blocks of another size" 1036 011
damaged "an unknown feature" 1105 001
damaged "a count of blocks beyond the device" 1063 0100
head -c 8192 "$work/plain.img" >"$work/bad.img"
ok "refuses an image that is cut off" "$fs" refuse "$work/bad.img"
head -c 100 "$work/plain.img" >"$work/bad.img"
ok "refuses an image of 100 bytes" "$fs" refuse "$work/bad.img"

# Random calls: folders full of files, several seeds.
rm -rf "$work/src"
mkdir "$work/src"
awk 'BEGIN { for (i = 0; i < 20000; i++) print i * 31 }' >"$work/src/big"
n_files=0
for d in a c d sub a/a a/c a/sub c/d c/sub d/d d/sub d/sub/c sub/a sub/sub \
	sub/c/d; do
	mkdir -p "$work/src/$d"
	for f in b e f big; do
		n_files=$((n_files + 1))
		head -c $((n_files * n_files * 30)) "$work/src/big" \
			>"$work/src/$d/$f"
	done
	ln -s sub "$work/src/$d/link"
done
ln "$work/src/a/b" "$work/src/f"
ln "$work/src/a/big" "$work/src/c/a"
ln -s a "$work/src/link"
image random
for seed in 1 2 3 4 5 6; do
	rm -rf "$work/copy"
	cp -a "$work/src" "$work/copy"
	ok "random calls, seed $seed" "$B/tests/unit/keel-fs-random" \
		"$work/random.img" "$work/copy" $seed 2000
done
echo "1..$n"

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Disks besides the image's own: by name, of any machine, with and without
# a root disk before them; read, written, synced, and refused.
# shellcheck disable=SC2015
set -u
. tests/tap.sh
B=${B:-build}
SLIPWAY=${SLIPWAY:-$B/bin/slipway}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP

mkdir "$dir/app"
cat >"$dir/app/main.c" <<'END'
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static char big[200000];

static void disk(char letter)
{
	char path[] = "/dev/vd?", text[17] = "";
	unsigned long long size = 0;
	int sector = 0, ro = -1, fd;
	struct stat st;
	long n;

	path[7] = letter;
	fd = open(path, O_RDWR);
	if (fd < 0) {
		printf("%s: %s\n", path, strerror(errno));
		return;
	}
	fstat(fd, &st);
	ioctl(fd, BLKGETSIZE64, &size);
	ioctl(fd, BLKSSZGET, &sector);
	ioctl(fd, BLKROGET, &ro);
	pread(fd, text, 16, 0);
	printf("%s: block %d, %llu bytes, sectors of %d, ro %d, \"%s\"\n", path,
		S_ISBLK(st.st_mode), size, sector, ro, text);
	n = pwrite(fd, "written", 7, 1000);
	printf("write: %s\n", n == 7 ? "ok" : strerror(errno));
	if (n == 7) {
		memset(big, letter, sizeof(big));
		n = pwrite(fd, big, sizeof(big), 5001);
		memset(big, 0, sizeof(big));
		n += pread(fd, big, sizeof(big), 5001);
		printf("big: %ld, %c %c\n", n, big[0], big[199999]);
	}
	printf("fsync: %s\n", fsync(fd) ? strerror(errno) : "ok");
	printf("end: %ld\n", (long)lseek(fd, 0, SEEK_END));
	printf("at the end: %ld", (long)read(fd, text, 16));
	n = write(fd, "x", 1);
	printf(", %s\n", n < 0 ? strerror(errno) : "written");
	close(fd);
}

int main(void)
{
	printf("the root has a file: %d\n", !access("/etc/own", F_OK));
	for (char c = 'b'; c <= 'e'; c++)
		disk(c);
	return 0;
}
END
echo own >"$dir/app/own"
for root in with without; do
	files=
	[ $root = without ] || files='"files": [{"from": "own", "to": "/etc/own"}],'
	cat >"$dir/app/slipway.json" <<END
{"name": "disks", "target": "x86_64-keel", $files "sources": ["main.c"]}
END
	"$SLIPWAY" build -q -o "type=disk,dest=$dir/$root.disk" "$dir/app" \
		>"$dir/log" 2>&1 || {
		sed 's/^/# /' "$dir/log"
		echo "Bail out! slipway build"
		exit 1
	}
	rm -rf "${dir:?}/$root"
	cp -r "$dir/app" "$dir/$root"
done

fresh() {
	for d in b c d; do
		rm -f "$dir/$d"
		truncate -s 1M "$dir/$d"
		printf "this is disk %s\n\n" $d |
			dd of="$dir/$d" conv=notrunc status=none
	done
	truncate -s 2M "$dir/c"
}
want() { # FILE-IN-ROOT
	echo "the root has a file: $1"
	for d in b c; do
		size=$(stat -c %s "$dir/$d")
		echo "/dev/vd$d: block 1, $size bytes, sectors of 512, ro 0, \"this is disk $d"
		echo
		echo "\""
		echo "write: ok"
		echo "big: 400000, $d $d"
		echo "fsync: ok"
		echo "end: $size"
		echo "at the end: 0, No space left on device"
	done
	echo '/dev/vdd: block 1, 1048576 bytes, sectors of 512, ro 1, "this is disk d'
	echo
	echo "\""
	echo "write: Operation not permitted"
	echo "fsync: ok"
	echo "end: 1048576"
	echo "at the end: 0, Operation not permitted"
	echo "/dev/vde: No such file or directory"
}
for machine in microvm pc q35; do
	for root in with without; do
		fresh
		want "$([ $root = with ] && echo 1 || echo 0)" >"$dir/want"
		# In another order than that of their names.
		timeout 120 "$SLIPWAY" run --accel tcg --machine $machine \
			-v "$dir/c:/dev/vdc" -v "$dir/d:/dev/vdd:ro" \
			-v "$dir/b:/dev/vdb" "$dir/$root" \
			>"$dir/out" 2>"$dir/err" </dev/null
		report "three disks, $root a root, on $machine" "$(
			diff -a "$dir/want" "$dir/out" || cat "$dir/err"
			for d in b c; do
				[ "$(dd if="$dir/$d" bs=1 skip=1000 count=7 \
					status=none)" = written ] ||
					echo "disk $d is not written"
			done
		)"
	done
done

# A disk with a table of its own, and a partition as a root would have it.
cp "$dir/with.disk" "$dir/b"
timeout 120 "$SLIPWAY" run --accel tcg -v "$dir/b:/dev/vdb" "$dir/without" \
	>"$dir/out" 2>"$dir/err" </dev/null
report "no root is looked for on a volume" "$(
	grep -qx 'the root has a file: 0' "$dir/out" || wrong "$dir/out" "$dir/err"
)"
echo "1..$n"

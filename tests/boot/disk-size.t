#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Disks of a size that was asked for, and each format: the tables are right,
# little is really there, and QEMU boots it with the files of the image.
# shellcheck disable=SC2016 # the shell of each case expands
. tests/cli/build-lib.sh
project p '"files": [{"from": "file", "to": "/etc/motd"}]'
echo "file of the image" >p/file
cat >p/main.c <<'END'
#include <stdio.h>

int main(void)
{
	char line[80] = "";
	FILE *f = fopen("/etc/motd", "r");

	if (f && fgets(line, sizeof(line), f))
		printf("says: %s", line);
	return 0;
}
END
if ! build p --output type=disk,dest=plain.img; then
	echo "Bail out! the disk cannot be built"
	exit 1
fi
disk() { # DEST KEYS
	build p --output "type=disk,dest=$1,$2"
}
valid() { # RAW: to all who read such tables
	sgdisk -v "$1" >table && sfdisk --verify "$1" >>table 2>&1 &&
		parted -s "$1" print >>table 2>&1
	grep -q "No problems found" table && grep -q "No errors detected" table
	not grep -iE 'warning|caution|problem:|corrupt|mismatch|error:|invalid|overlap' table
}
boots() { # FORMAT FILE QEMU-OPTION...
	local format=$1 file=$2
	shift 2
	timeout 120 qemu-system-x86_64 -accel tcg -m 64 -nodefaults \
		-display none -serial stdio -no-reboot \
		-drive "if=virtio,format=$format,file=$file,snapshot=on" "$@" \
		</dev/null >console 2>&1
	grep -a "says: file of the image" console || { tail -5 console; return 1; }
}
last_end() { # RAW: sectors behind the last partition
	echo $(($(stat -c %s "$1") / 512 - $(sfdisk -J "$1" | jq '[
		.partitiontable.partitions[] | .start + .size] | max')))
}
export -f disk valid boots last_end

t "a disk has the size that was asked for" 'disk a.img size=64M
	[ $(stat -c %s a.img) = $((64 << 20)) ] && valid a.img'
t "its last partition ends at its end" '[ $(last_end a.img) = 2048 ]
	sgdisk -i 3 a.img | grep "Partition name: .root"'
t "it has the same files and boots" 'boots raw a.img'
t "the smallest disk is not larger than its parts" 'valid plain.img
	build p --output type=disk,dest=same.img,size=$(stat -c %s plain.img | awk "{ print \$1 / 1024 }")K
	cmp plain.img same.img'
t "sizes are whole MiB" 'disk b.img size=20000K
	[ $(stat -c %s b.img) = $((20 << 20)) ] && valid b.img'
t "a large disk is sparse" 'disk c.img size=8G
	[ $(stat -c %s c.img) = $((8 << 30)) ] && valid c.img
	[ $(stat -c %b c.img) -lt 16384 ] && boots raw c.img; rm c.img'
t "the same bytes again" 'disk d.img size=64M && cmp a.img d.img
	build p --verify --output type=disk,size=64M,dest=d.img'
t "too small a size" 'fails 1 p --output type=disk,size=1M
	says "1 MiB are too few for the disk, which has [0-9]+"'
t "no size" 'for s in 0 -1 8X x ""; do
		fails 2 p --output "type=disk,size=$s" && says "is not one such as"
	done
	fails 2 p --output type=docker,size=8G && says "size goes with type=disk"
	fails 2 p --output type=disk,size=1G,size=2G && says "twice"'
for format in qcow2 vmdk vhdx vpc; do
	t "$format boots, and grown is the grown disk" "
		disk e.$format format=$format,size=64M
		qemu-img compare -f $format -F raw e.$format a.img
		boots $format e.$format"
done
t "vpc: the fixed size is exact" '
	[ $(stat -c %s e.vpc) = $(((64 << 20) + 512)) ]'

# --- Google Cloud ----------------------------------------------------------------
t "gcp: an old GNU tar with disk.raw" 'disk g.tar.gz format=gcp
	gzip -t g.tar.gz && [ "$(tar -tf g.tar.gz)" = disk.raw ]
	[ "$(gzip -dc g.tar.gz | head -c 265 | tail -c 8 | xxd -p)" = \
		7573746172202000 ]'
t "gcp: small, but whole GiB large" '[ $(stat -c %s g.tar.gz) -lt 3000000 ]
	[ $(gzip -dc g.tar.gz | wc -c) -lt 8000000 ]
	mkdir g && tar -C g -xf g.tar.gz
	[ $(stat -c %s g/disk.raw) = $((1 << 30)) ] && valid g/disk.raw'
t "gcp: the disk is that of the raw format, and boots" 'disk g.img size=1G
	cmp g.img g/disk.raw && boots raw g/disk.raw; rm g.img'
t "gcp: Python reads the holes, too" '
	python3 -c "
import tarfile
f = tarfile.open(\"g.tar.gz\").extractfile(\"disk.raw\")
n = f.seek(0, 2)
f.seek(n - 512)
assert n == 1 << 30 and f.read(8) == b\"EFI PART\", n"'
t "gcp: sizes above 8 GiB" 'disk h.tar.gz format=gcp,size=9G
	mkdir h && tar -C h -xf h.tar.gz
	[ $(stat -c %s h/disk.raw) = $((9 << 30)) ] && valid h/disk.raw'
t "gcp: the default name" 'build p --output type=disk,format=gcp
	cmp p/build/hello.tar.gz g.tar.gz'
t "gcp: the same bytes wherever the file has its holes" '
	"$B/tests/unit/artifact" convert g/disk.raw gcp again.tar.gz
	cmp g.tar.gz again.tar.gz'
t "nothing is left behind" '[ -z "$(ls -A | grep "^\.")" ]'
echo "1..$n"

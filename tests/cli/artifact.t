#!/bin/sh
# shellcheck disable=SC2317,SC2030,SC2031 # functions, called by way of `is`
# SPDX-License-Identifier: Apache-2.0
# Disks, root filesystems and images: the same bytes everywhere, and when
# something fails nothing is left behind and the file is named.
set -u
. tests/boot/disk.sh
start
cleanup() { umount "$w/small" 2>/dev/null; }

mkdir "$w/tree" "$w/tree/sub"
echo one >"$w/tree/one"
echo two >"$w/tree/sub/two"
ln -s ../one "$w/tree/sub/link"
printf '#!/bin/sh\n' >"$w/tree/run"
chmod 700 "$w/tree/run"
truncate -s 3M "$w/tree/sparse"
make_all() { # FOLDER
	"$artifact" rootfs "$1/root.erofs" "$w/tree:/data:-:7:70000" \
		/etc/passwd:/etc/passwd:600:0:0 /data/run@/bin/run &&
		"$artifact" disk "$boot_dir" "$k/probe" "$1/disk.img" small \
			"$1/root.erofs" &&
		"$artifact" image tar "$1/image.tar" uk/app:v1 \
			"$1/disk.img=disk/disk.img" /bin/true=launcher &&
		"$artifact" convert "$1/disk.img" qcow2 "$1/disk.qcow2"
}
mkdir "$w/a" "$w/b" "$w/c" "$w/other"
make_all "$w/a" >"$w/log" 2>&1 || bail "$(cat "$w/log")"
same() { # FOLDER
	for f in root.erofs disk.img image.tar disk.qcow2; do
		cmp "$w/a/$f" "$w/$1/$f" || return
	done
}
elsewhere() {
	# A path of its own, so that relative ones would be found out.
	(
		artifact=$(realpath "$artifact")
		boot_dir=$(realpath "$boot_dir")
		k=$(realpath "$k")
		umask 077
		cd "$w/other" || exit 1
		export TZ=Asia/Tokyo LC_ALL=tr_TR.UTF-8 LANG=de_DE \
			TMPDIR="$w/other" SLIPWAY_CACHE=off SOURCE_DATE_EPOCH=0
		sleep 2
		make_all ../b
	) >"$w/verify" 2>&1 && same b
}
is "other zone, locale, umask, folder, time: the same bytes" elsewhere
as_nobody() {
	chmod 755 "$w" && chmod 777 "$w/c" && chmod 755 "$w/tree/run" &&
		cp /etc/passwd "$w/passwd" && cp "$artifact" "$w/artifact"
	command -v setpriv >/dev/null || return 0
	[ "$(id -u)" = 0 ] || return 0
	# shellcheck disable=SC2016 # for the inner shell
	setpriv --reuid=65534 --regid=65534 --clear-groups env \
		HOME=/nonexistent sh -c '"$1" rootfs "$2/root.erofs" \
		"$3/tree:/data:-:7:70000" /etc/passwd:/etc/passwd:600:0:0 \
		/data/run@/bin/run' - "$w/artifact" "$w/c" "$w" &&
		cmp "$w/a/root.erofs" "$w/c/root.erofs"
}
is "without root: the same root filesystem" as_nobody

converted() { # FORMAT
	for i in 1 2; do
		mkdir -p "$w/v$i"
		"$artifact" convert "$w/a/disk.img" "$1" "$w/v$i/d.$1" || return
	done
	cmp "$w/v1/d.$1" "$w/v2/d.$1" || return
	qemu-img compare -f raw -F "$1" "$w/a/disk.img" "$w/v1/d.$1" &&
		qemu-img info -f "$1" --output=json "$w/v1/d.$1" |
		jq -e ".\"virtual-size\" == $(stat -c %s "$w/a/disk.img")" &&
		[ "$(ls -A "$w/v1")" = "$(ls "$w/v1")" ]
}
for f in raw qcow2 vmdk vpc vhdx; do
	is "$f is the same disk, of the same size, twice" converted $f
done
fsck_root() {
	fsck.erofs "$w/a/root.erofs"
}
is "fsck.erofs likes the root filesystem" fsck_root
extract() {
	fsck.erofs --extract="$w/x" "$w/a/root.erofs" >/dev/null &&
		diff -r --no-dereference "$w/tree" "$w/x/data"
}
is "every file is in it, as it was" extract
owners() {
	for f in data data/one data/sub data/sub/link etc etc/passwd bin/run \
		data/run data/sparse; do
		dump.erofs --path="/$f" "$w/a/root.erofs" |
			sed -n 's/^Uid: \([0-9]*\) *Gid: \([0-9]*\) *Access: \([0-7]*\).*/\1 \2 \3/p'
	done | paste -sd, -
}
prints "owners and modes" "7 70000 0755,7 70000 0644,7 70000 0755,\
7 70000 0777,0 0 0755,0 0 0600,0 0 0777,7 70000 0755,7 70000 0644" owners
mounted() {
	modprobe erofs 2>/dev/null
	grep -qw erofs /proc/filesystems || return 0
	mkdir "$w/m" && mount -o loop,ro "$w/a/root.erofs" "$w/m" || return 0
	diff -r --no-dereference "$w/tree" "$w/m/data"
	result=$?
	umount "$w/m"
	return "$result"
}
is "Linux reads it (where it can mount)" mounted

# NAME PATTERN COMMAND...: fails, names the file, leaves nothing in $w/out.
fails() {
	name=$1
	pattern=$2
	shift 2
	rm -rf "$w/out"
	mkdir "$w/out"
	timeout 60 "$@" >"$w/log" 2>&1
	status=$?
	left=$(find "$w/out" -mindepth 1)
	temp=$(find "$w/temp" -mindepth 1)
	if [ $status = 1 ] && [ -z "$left$temp" ] &&
		grep -qE "$pattern" "$w/log"; then
		ok "$name"
	else
		not_ok "$name" "status $status, left: $left $temp
$(cat "$w/log")"
	fi
}
mkdir "$w/temp" "$w/out"
export TMPDIR="$w/temp"
fails "a kernel that is not there" 'open .*/nosuch: No such file' \
	"$artifact" disk "$boot_dir" "$w/nosuch" "$w/out/d"
fails "a kernel that is none" 'tree/one: not a kernel: not an ELF file' \
	"$artifact" disk "$boot_dir" "$w/tree/one" "$w/out/d"
fails "a program for a kernel" 'not a kernel: ' \
	"$artifact" disk "$boot_dir" /bin/true "$w/out/d"
fails "a root filesystem that is not there" 'open .*/nosuch: No such file' \
	"$artifact" disk "$boot_dir" "$k/stub" "$w/out/d" small "$w/nosuch"
fails "no boot code" 'open .*/mbr.bin: No such file' \
	"$artifact" disk "$w/tree" "$k/stub" "$w/out/d"
fails "a folder that is not there" 'nosuch/d: |nosuch: No such file' \
	"$artifact" disk "$boot_dir" "$k/stub" "$w/nosuch/d"
fails "a file that is not there" 'open .*/nosuch: No such file' \
	"$artifact" rootfs "$w/out/r" "$w/nosuch:/x:-:0:0"
fails "the same path twice" '/x is there twice' \
	"$artifact" rootfs "$w/out/r" "$w/tree/one:/x:-:0:0" \
	"$w/tree/run:/x:-:0:0"
fails "a file for a folder" '/x is both|/x/y: |create .*x/y: Not a directory' \
	"$artifact" rootfs "$w/out/r" "$w/tree/one:/x:-:0:0" \
	"$w/tree/run:/x/y:-:0:0"
mkfifo "$w/tree/fifo"
fails "a pipe among the files" 'tree/fifo: not a regular file' \
	"$artifact" rootfs "$w/out/r" "$w/tree:/x:-:0:0"
rm "$w/tree/fifo"
fails "a layer's file that is not there" 'open .*/nosuch: No such file' \
	"$artifact" image tar "$w/out/i" a/b:c "$w/nosuch=x"
fails "a layer's file that is a folder" 'tree: not a regular file' \
	"$artifact" image oci "$w/out/i" a/b:c "$w/tree=x"
fails "a bad tag" 'tag "A/b:c"' \
	"$artifact" image tar "$w/out/i" A/b:c /bin/true=x
fails "a path twice in a layer" 'x is in the layer twice' \
	"$artifact" image rootfs "$w/out/i" a:b /bin/true=x /bin/false=x
fails "a format that is unknown" 'unknown disk format "vdx"' \
	"$artifact" convert "$w/a/disk.img" vdx "$w/out/d"
fails "a disk to convert that is not there" 'nosuch' \
	"$artifact" convert "$w/nosuch" qcow2 "$w/out/d"

head -c 400000 /dev/urandom >"$w/noise"
# A limit on file sizes is a full disk that needs no root.
for size in 8 200; do
	for c in "disk $boot_dir $k/probe $w/out/d" \
		"image tar $w/out/i a:b $w/noise=x" \
		"image oci $w/out/i a:b $w/noise=x" \
		"image rootfs $w/out/i a:b $w/noise=x" \
		"rootfs $w/out/r $w/noise:/x:-:0:0" \
		"convert $w/a/disk.img qcow2 $w/out/q"; do
		fails "no more than $size KiB: ${c%% /*}" '.' sh -c \
			"trap '' XFSZ; ulimit -f $((size * 2)) && \"\$0\" $c" \
			"$artifact"
	done
done
mkdir "$w/small"
if mount -t tmpfs -o size=300k tmpfs "$w/small" 2>/dev/null; then
	for c in "disk $boot_dir $k/probe $w/small/d" \
		"image tar $w/small/i a:b $w/noise=x" \
		"image oci $w/small/i a:b $w/noise=x" \
		"image rootfs $w/small/i a:b $w/noise=x" \
		"rootfs $w/small/r $w/noise:/x:-:0:0" \
		"convert $w/a/disk.img qcow2 $w/small/q"; do
		fails "a full disk: ${c%% /*}" '/small|No space' sh -c \
			"\"\$0\" $c; r=\$?
			[ -z \"\$(ls -A $w/small)\" ] || echo x >$w/out/left
			exit \$r" "$artifact"
		rm -rf "$w/small"/* "$w/small"/.[!.]*
	done
	umount "$w/small"
else
	skip "a full disk" "cannot mount a tmpfs"
fi

# The cache of a layer that is kept: found again by content, not believed
# when it is damaged.
cached() { # FILE: makes out/i, prints how many files the cache has
	"$artifact" image tar "$w/out/i" a:b "$1=low/x" >/dev/null &&
		find "$SLIPWAY_CACHE" -type f | wc -l
}
caches() {
	rm -rf "$w/out" "$SLIPWAY_CACHE"
	mkdir "$w/out"
	first=$(cached "$w/noise") && mv "$w/out/i" "$w/first" &&
		again=$(cached "$w/noise") && cmp "$w/out/i" "$w/first" &&
		[ "$first" = "$again" ] && cp "$w/noise" "$w/copy" &&
		copied=$(cached "$w/copy") && cmp "$w/out/i" "$w/first" &&
		[ "$copied" = $((first + 1)) ] || return
	echo x >>"$w/copy"
	changed=$(cached "$w/copy") && ! cmp -s "$w/out/i" "$w/first" &&
		[ "$changed" -gt "$copied" ] || return
	find "$SLIPWAY_CACHE" -type f -size +100k | while read -r f; do
		printf X | dd of="$f" bs=1 seek=1000 conv=notrunc status=none
	done
	cached "$w/noise" && cmp "$w/out/i" "$w/first"
}
is "a kept layer is found by content; a damaged one is made again" caches

# Folders: what is not ours stays.
mkdir "$w/mine"
echo keep >"$w/mine/letter"
for kind in oci rootfs; do
	fails "$kind: a folder with something in it" \
		'mine is there and is not an OCI|something else in it: letter' \
		"$artifact" image "$kind" "$w/mine" a:b /bin/true=x
	is "$kind: it is still there" grep -q keep "$w/mine/letter"
	mkdir "$w/$kind"
	again() {
		"$artifact" image "$kind" "$w/$kind" a:b /bin/true=x &&
			"$artifact" image "$kind" "$w/$kind/" a:b /bin/false=x
	}
	is "$kind: an empty folder, and its own output, are replaced" again
done
mounted_out() {
	mkdir "$w/mount" && mount -t tmpfs tmpfs "$w/mount" || return 0
	result=0
	for kind in oci oci rootfs rootfs; do
		[ "$kind" = oci ] || rm -rf "$w/mount/blobs" "$w/mount"/*.json \
			"$w/mount/oci-layout"
		"$artifact" image "$kind" "$w/mount" a:b /bin/true=x || result=1
		find "$w/mount" -name '.*' | grep . && result=1
	done
	[ -x "$w/mount/x" ] || result=1
	umount "$w/mount"
	return "$result"
}
is "a folder that is a mount point" mounted_out
unreadable() {
	[ "$(id -u)" = 0 ] || return 0
	printf secret >"$w/secret"
	chmod 600 "$w/secret"
	setpriv --reuid=65534 --regid=65534 --clear-groups "$artifact" image \
		tar "$w/c/i.tar" a:b "$w/secret=x" 2>"$w/verify"
	[ $? = 1 ] && grep -q "open $w/secret: Permission denied" "$w/verify" &&
		[ ! -e "$w/c/i.tar" ]
}
is "a source that cannot be read is named" unreadable

# Interrupted: nothing half-written.
interrupted() {
	head -c 60000000 /dev/urandom >"$w/large"
	for s in INT TERM HUP; do
		rm -rf "$w/out" && mkdir "$w/out"
		# a shell starts background jobs with INT ignored
		env --default-signal=INT "$artifact" image tar "$w/out/i" \
			a:b "$w/large=x" &
		pid=$!
		i=0
		while [ -z "$(find "$w/out" -name layer -size +10k)" ] &&
			[ "$i" -lt 500 ]; do
			sleep 0.01
			i=$((i + 1))
		done
		kill -s "$s" "$pid"
		wait "$pid"
		[ $? -gt 128 ] || echo "ended before the signal" >>"$w/verify"
		[ -z "$(ls -A "$w/out")" ] || return 1
	done
}
is "a signal leaves nothing half-written" interrupted
finish
